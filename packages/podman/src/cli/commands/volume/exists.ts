import { defineCommand } from "@containers/common/cli/define-command";
import { engineFor } from "../container/targets.ts";

/** `podman volume exists`: prints nothing, answers by exit code. */
export const volumeExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if a volume exists",
  description: "The exit code is 0 when the named volume exists, else 1.",
  usage: "VOLUME",
  examples: ["podman volume exists myvol"],
  flags: {},
  args: { min: 1, max: 1 },
  run: (invocation) => (engineFor(invocation).state.volumes.get(invocation.args[0] ?? "") === undefined ? 1 : 0),
});
