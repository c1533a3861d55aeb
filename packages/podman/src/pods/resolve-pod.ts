import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../engine/engine.ts";
import type { PodRecord } from "./pod-record.ts";

/** The pod that the user named; not-found with the original's words. */
export function resolvePod(engine: Pick<Engine, "state">, reference: string): PodRecord {
  const pod = engine.state.pods.resolve(reference);
  if (pod === undefined || pod.isCreating) throw noSuchPod(reference);
  return pod;
}

export function noSuchPod(reference: string): ToolError {
  return new ToolError("not-found", `no pod with name or ID ${reference} found: no such pod`, { code: "no-such-pod", exitCode: 125 });
}
