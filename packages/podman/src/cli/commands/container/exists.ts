import { defineCommand } from "@containers/common/cli/define-command";
import { engineFor } from "./targets.ts";

/** `podman container exists`: prints nothing, answers by exit code. */
export const existsCommand = defineCommand({
  name: "exists",
  summary: "Check if a container exists in local storage",
  description: "The exit code is 0 when the named container exists, else 1.",
  usage: "CONTAINER",
  examples: ["podman container exists containerID"],
  flags: { external: { type: "bool", description: "Count containers of other tools in the same store too" } },
  args: { min: 1, max: 1 },
  run: (invocation) => {
    const engine = engineFor(invocation);
    const [reference = ""] = invocation.args;
    if (engine.state.containers.resolve(reference) !== undefined) return 0;
    return invocation.flags.external && engine.store.containers.get(reference) !== undefined ? 0 : 1;
  },
});
