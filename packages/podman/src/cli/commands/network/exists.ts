import { defineCommand } from "@containers/common/cli/define-command";
import { onSide } from "../../on-side.ts";

/** `podman network exists`: prints nothing, answers by exit code. */
export const networkExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if network exists",
  description: "If the named network exists, podman network exists exits with 0, otherwise the exit code will be 1.",
  usage: "NETWORK",
  examples: ["podman network exists net1"],
  flags: {},
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const [name = ""] = invocation.args;
    const found = await onSide(invocation, {
      local: (engine) => engine.networks.get(name) !== undefined,
      remote: async (service) => (await import("../../../remote/networks/deeds.ts")).networkExists(service, name),
    });
    return found ? 0 : 1;
  },
});
