import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { removeConnection } from "../../../remote/destinations.ts";

/** `podman system connection remove`. */
export const connectionRemoveCommand = defineCommand({
  name: "remove",
  aliases: ["rm"],
  summary: "Delete named destination",
  description: "Forgets the name of a service.",
  usage: "NAME",
  examples: ["podman system connection remove devl", "podman system connection rm --all"],
  flags: {
    all: { type: "bool", short: "a", description: "Forget all" },
    force: { type: "bool", short: "f", hidden: true, description: "Accepted for docker's sake; has no effect" },
  },
  args: { min: 0 },
  needsUserNamespace: false,
  run: ({ flags, args }) => {
    if (!flags.all && args.length !== 1) throw new ToolError("invalid-argument", `accepts 1 arg(s), received ${args.length}`);
    removeConnection(flags.all ? undefined : args[0]);
    return undefined;
  },
});
