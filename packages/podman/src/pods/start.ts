import { ToolError } from "@containers/common/errors/tool-error";
import { startContainers } from "../containers/lifecycle/start.ts";
import type { Engine } from "../engine/engine.ts";
import { isInitContainer, runInitContainers } from "./init-containers.ts";
import { memberOrder, podMembers } from "./members.ts";
import { podEvent } from "./pod-event.ts";
import type { PodRecord } from "./pod-record.ts";
import { forEachPod, memberErrors, type PodReport } from "./report.ts";

/** Starts the containers of each pod that do not run, those first on which others depend. */
export function startPods(engine: Engine, pods: readonly PodRecord[]): Promise<PodReport[]> {
  return forEachPod(pods, (pod) => startPod(engine, pod));
}

/** The same for one pod; returns the errors of its containers. */
export async function startPod(engine: Engine, pod: PodRecord): Promise<Error[]> {
  const members = await podMembers(engine, pod);
  if (members.length === 0) {
    throw new ToolError("invalid-state", `no containers in pod ${pod.id} have no dependencies, cannot start pod: no such container`, {
      exitCode: 125,
    });
  }
  if (pod.serviceContainerId !== undefined) await (await import("./service.ts")).startService(engine, pod);
  const regular = members.filter(({ id }) => !isInitContainer(engine, id));
  await runInitContainers(engine, members);
  const errors: Error[] = [];
  for (const group of memberOrder(engine, regular)) {
    const reports = await Promise.all(group.map((id) => startContainers(engine, [id])));
    errors.push(...memberErrors("starting", reports.flat()));
  }
  if (errors.length === 0) engine.events.write(podEvent(pod, "start"));
  return errors;
}
