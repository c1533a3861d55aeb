import { killContainers } from "../containers/lifecycle/kill.ts";
import type { Engine } from "../engine/engine.ts";
import { podMembers } from "./members.ts";
import { podEvent } from "./pod-event.ts";
import type { PodRecord } from "./pod-record.ts";
import { forEachPod, memberErrors, type PodReport } from "./report.ts";

/** Sends a signal (by number) to the first process of every container of each pod that runs. */
export function killPods(engine: Engine, pods: readonly PodRecord[], signal: number): Promise<PodReport[]> {
  return forEachPod(pods, async (pod) => {
    const running = (await podMembers(engine, pod)).filter(({ status }) => status === "running" || status === "paused");
    engine.events.write(podEvent(pod, "kill"));
    const reports = await killContainers(
      engine,
      running.map(({ id }) => id),
      { signal },
    );
    return memberErrors("killing", reports);
  });
}
