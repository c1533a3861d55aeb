import { defineCommand } from "@containers/common/cli/define-command";
import { onSide } from "../../on-side.ts";

/** `podman pod exists`: prints nothing, answers by exit code. */
export const podExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if a pod exists in local storage",
  description: "The exit code is 0 when the named pod exists, else 1.",
  usage: "POD",
  examples: ["podman pod exists podID", "podman pod exists mypod || podman pod create --name mypod"],
  flags: {},
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const [reference = ""] = invocation.args;
    const found = await onSide(invocation, {
      local: (engine) => engine.state.pods.resolve(reference)?.isCreating === false,
      remote: async (service) => (await import("../../../remote/pods/deeds.ts")).podExists(service, reference),
    });
    return found ? 0 : 1;
  },
});
