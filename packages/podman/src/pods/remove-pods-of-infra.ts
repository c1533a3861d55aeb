import type { TargetReport } from "../containers/options.ts";
import type { Engine } from "../engine/engine.ts";
import { type PodRemoveOptions, removePods } from "./remove.ts";

/** Removes the pods whose infra containers these are, after all other containers were removed; one report per infra container. */
export async function removePodsOfInfra(engine: Engine, infraIds: readonly string[], options: PodRemoveOptions): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const id of infraIds) {
    const pod = engine.state.pods.get(engine.state.containers.get(id)?.config.podId ?? "");
    if (pod === undefined) continue;
    const [report] = await removePods(engine, [pod], options);
    const error = report?.errors.at(-1);
    reports.push({ reference: id, id, ...(error === undefined ? {} : { error }) });
  }
  return reports;
}
