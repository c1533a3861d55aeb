import { defineCommand } from "@containers/common/cli/define-command";
import { renameConnection } from "../../../remote/destinations.ts";

/** `podman system connection rename`. */
export const connectionRenameCommand = defineCommand({
  name: "rename",
  aliases: ["mv"],
  summary: "Rename an existing destination",
  description: "Gives a service another name.",
  usage: "OLD NEW",
  examples: ["podman system connection rename laptop devl"],
  flags: {},
  args: { min: 2, max: 2 },
  needsUserNamespace: false,
  run: ({ args }) => {
    renameConnection(args[0] ?? "", args[1] ?? "");
    return undefined;
  },
});
