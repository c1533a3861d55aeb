import { defineCommand } from "@containers/common/cli/define-command";
import type { Engine } from "../../../engine/engine.ts";
import { onSide } from "../../on-side.ts";

/** `podman container exists`: prints nothing, answers by exit code. */
export const existsCommand = defineCommand({
  name: "exists",
  summary: "Check if a container exists in local storage",
  description: "The exit code is 0 when the named container exists, else 1.",
  usage: "CONTAINER",
  examples: ["podman container exists containerID"],
  flags: { external: { type: "bool", description: "Count containers of other tools in the same store too" } },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const [reference = ""] = invocation.args;
    const { external } = invocation.flags;
    const found = await onSide(invocation, {
      local: (engine) => containerExists(engine, reference, external),
      remote: async (service) => (await import("../../../remote/containers/deeds.ts")).containerExists(service, reference, external),
    });
    return found ? 0 : 1;
  },
});

function containerExists(engine: Engine, reference: string, external: boolean): boolean {
  return engine.state.containers.resolve(reference) !== undefined || (external && engine.store.containers.get(reference) !== undefined);
}
