import { ToolError } from "@containers/common/errors/tool-error";
import { hasFreezer, pauseContainers, unpauseContainers } from "../containers/lifecycle/pause.ts";
import type { Engine } from "../engine/engine.ts";
import { countedStatuses } from "./init-containers.ts";
import { podMembers } from "./members.ts";
import { podEvent } from "./pod-event.ts";
import type { PodRecord } from "./pod-record.ts";
import { forEachPod, memberErrors, type PodReport } from "./report.ts";
import { podStatus } from "./status.ts";

const NO_FREEZER = "can not pause pods containing rootless containers with cgroup V1: this container does not have a cgroup";

/** Freezes the containers of each pod that run. */
export function pausePods(engine: Engine, pods: readonly PodRecord[]): Promise<PodReport[]> {
  return forEachPod(pods, async (pod) => {
    if (!hasFreezer(engine)) throw new ToolError("unsupported", NO_FREEZER);
    const running = (await podMembers(engine, pod)).filter(({ status }) => status === "running");
    engine.events.write(podEvent(pod, "pause"));
    const reports = await pauseContainers(
      engine,
      running.map(({ id }) => id),
    );
    return memberErrors("pausing", reports);
  });
}

/** The reverse of {@link pausePods}. Pods that nothing of is paused are passed over: there is no report of them. */
export async function unpausePods(engine: Engine, pods: readonly PodRecord[]): Promise<PodReport[]> {
  const paused: PodRecord[] = [];
  for (const pod of pods) {
    const status = podStatus(countedStatuses(engine, await podMembers(engine, pod)));
    if (status === "Paused" || status === "Degraded") paused.push(pod);
  }
  return forEachPod(paused, async (pod) => {
    const members = (await podMembers(engine, pod)).filter(({ status }) => status === "paused");
    engine.events.write(podEvent(pod, "unpause"));
    const reports = await unpauseContainers(
      engine,
      members.map(({ id }) => id),
    );
    return memberErrors("unpausing", reports);
  });
}
