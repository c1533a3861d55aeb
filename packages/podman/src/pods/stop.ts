import { stopContainers } from "../containers/lifecycle/stop.ts";
import type { Engine } from "../engine/engine.ts";
import { memberOrder, podMembers } from "./members.ts";
import { removePodCgroup } from "./pod-cgroup.ts";
import { podEvent } from "./pod-event.ts";
import type { PodRecord } from "./pod-record.ts";
import { forEachPod, memberErrors, type PodReport } from "./report.ts";

export interface PodStopOptions {
  /** Seconds until SIGKILL; default each container's own. */
  readonly timeout?: number;
}

/** Stops the containers of each pod, those last on which others depend. One that does not run is no error. */
export function stopPods(engine: Engine, pods: readonly PodRecord[], options: PodStopOptions = {}): Promise<PodReport[]> {
  return forEachPod(pods, (pod) => stopPod(engine, pod, options));
}

/** The same for one pod; returns the errors of its containers. */
export async function stopPod(engine: Engine, pod: PodRecord, options: PodStopOptions = {}): Promise<Error[]> {
  const members = await podMembers(engine, pod);
  engine.events.write(podEvent(pod, "stop"));
  const errors: Error[] = [];
  for (const group of memberOrder(engine, members).reverse()) {
    const reports = await stopContainers(engine, group, { ignore: true, ofPod: true, ...options });
    errors.push(...memberErrors("stopping", reports));
  }
  if (errors.length === 0) await removePodCgroup(pod);
  if (pod.serviceContainerId !== undefined) await (await import("./service.ts")).endServiceOf(engine, pod);
  return errors;
}
