import type { RemoveOptions, TargetReport } from "../containers/options.ts";
import { removeContainers } from "../containers/removal/remove.ts";
import type { Engine } from "../engine/engine.ts";
import { type PodRemoveOptions, removePods } from "./remove.ts";

/** Removes the pods whose infra containers these are, with what containers they still have; one report per container. */
export async function removePodsOfInfra(engine: Engine, infraIds: readonly string[], options: PodRemoveOptions): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const id of infraIds) {
    const pod = engine.state.pods.get(engine.state.containers.resolve(id)?.config.podId ?? "");
    if (pod === undefined) continue;
    const members = engine.state.containers.list({ podId: pod.id }).filter(({ isInfra }) => !isInfra);
    const [report] = await removePods(engine, [pod], options);
    const error = report?.errors.at(-1);
    if (error === undefined) reports.push(...members.map((member) => ({ reference: member.id, id: member.id })));
    reports.push({ reference: id, id, ...(error === undefined ? {} : { error }) });
  }
  return reports;
}

/** With all containers, or all that depend on one, go the pods: their infra containers do not go otherwise. */
export async function removeWithPods(engine: Engine, references: readonly string[], options: RemoveOptions): Promise<TargetReport[]> {
  const isInfra = (reference: string): boolean => engine.state.containers.resolve(reference)?.config.isInfra === true;
  const others = references.filter((reference) => !isInfra(reference));
  const reports = others.length === 0 ? [] : await removeContainers(engine, others, options);
  const infra = references.filter(isInfra);
  return infra.length === 0 ? reports : [...reports, ...(await removePodsOfInfra(engine, infra, options))];
}
