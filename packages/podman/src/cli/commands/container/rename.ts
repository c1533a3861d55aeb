import { defineCommand } from "@containers/common/cli/define-command";
import { renameContainer } from "../../../containers/rename.ts";
import { onSide } from "../../on-side.ts";

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
    await onSide(invocation, {
      local: (engine) => renameContainer(engine, reference, name),
      remote: async (service) => (await import("../../../remote/containers/deeds.ts")).renameContainer(service, reference, name),
    });
    return undefined;
  },
});
