import { defineCommand } from "@containers/common/cli/define-command";
import { onSide } from "../../on-side.ts";

/** `podman volume exists`: prints nothing, answers by exit code. */
export const volumeExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if a volume exists",
  description: "The exit code is 0 when the named volume exists, else 1.",
  usage: "VOLUME",
  examples: ["podman volume exists myvol"],
  flags: {},
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const [name = ""] = invocation.args;
    const found = await onSide(invocation, {
      local: (engine) => engine.state.volumes.get(name) !== undefined,
      remote: async (service) => (await import("../../../remote/volumes/deeds.ts")).volumeExists(service, name),
    });
    return found ? 0 : 1;
  },
});
