import { defineCommand } from "@containers/common/cli/define-command";
import { createFarm } from "../../../farm/farms.ts";

/** `podman farm create`. */
export const farmCreateCommand = defineCommand({
  name: "create",
  summary: "Create a new farm",
  description: "Makes a farm of services that have names (podman system connection add).",
  usage: "NAME [CONNECTIONS...]",
  examples: ["podman farm create myfarm connection1", "podman farm create myfarm"],
  flags: {},
  args: { min: 1 },
  needsUserNamespace: false,
  run: ({ args, out }) => {
    const [name = "", ...connections] = args;
    createFarm(name, connections);
    out.stdout(`Farm ${JSON.stringify(name)} created\n`);
    return undefined;
  },
});
