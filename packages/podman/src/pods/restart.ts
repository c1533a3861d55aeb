import { containerEvent } from "../containers/container-event.ts";
import type { Engine } from "../engine/engine.ts";
import { podMembers } from "./members.ts";
import type { PodRecord } from "./pod-record.ts";
import { forEachPod, type PodReport } from "./report.ts";
import { startPod } from "./start.ts";
import { stopPod } from "./stop.ts";

/** Stops and starts all containers of each pod. */
export function restartPods(engine: Engine, pods: readonly PodRecord[]): Promise<PodReport[]> {
  return forEachPod(pods, async (pod) => {
    for (const { id } of await podMembers(engine, pod)) {
      const member = engine.state.containers.get(id);
      if (member !== undefined) engine.events.write(containerEvent(member.config, "restart"));
    }
    const errors = await stopPod(engine, pod);
    return errors.length > 0 ? errors : startPod(engine, pod);
  });
}
