import { defineCommand } from "@containers/common/cli/define-command";
import { renameContainer } from "../../../containers/rename.ts";
import { engineFor } from "./targets.ts";

/** `podman rename`. */
export const renameCommand = defineCommand({
  name: "rename",
  summary: "Rename an existing container",
  description: "Gives a container another name.",
  usage: "CONTAINER NAME",
  examples: ["podman rename containerA newName"],
  flags: {},
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const [reference = "", name = ""] = invocation.args;
    await renameContainer(engineFor(invocation), reference, name);
    return undefined;
  },
});
