import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import { removeContainers } from "../containers/removal/remove.ts";
import type { Engine } from "../engine/engine.ts";
import { memberOrder, podMembers } from "./members.ts";
import { removePodCgroup } from "./pod-cgroup.ts";
import { podEvent } from "./pod-event.ts";
import type { PodRecord } from "./pod-record.ts";
import { forEachPod, type PodReport } from "./report.ts";

type Members = Awaited<ReturnType<typeof podMembers>>;

export interface PodRemoveOptions {
  /** Running containers are stopped first. */
  readonly force?: boolean;
  /** Seconds until SIGKILL, with force. */
  readonly timeout?: number;
}

/** Removes pods with all their containers. A pod of which only the infra container is left needs no force. */
export function removePods(engine: Engine, pods: readonly PodRecord[], options: PodRemoveOptions = {}): Promise<PodReport[]> {
  return forEachPod(pods, (pod) => removePod(engine, pod, options));
}

async function removePod(engine: Engine, pod: PodRecord, options: PodRemoveOptions): Promise<Error[]> {
  // A container that is added meanwhile is removed in the next round: the record goes only when the pod is empty.
  for (;;) {
    const members = await podMembers(engine, pod);
    const errors = await removeMembers(engine, { pod, members }, options);
    if (errors.length > 0 && options.force === true && hasOthers(engine, pod, members)) {
      // One that was being made, and depends on what was to go.
      await delay(10);
      continue;
    }
    if (errors.length > 0) {
      const summary = new ToolError("invalid-state", `not all containers could be removed from pod ${pod.id}: removing pod containers`, {
        exitCode: 125,
      });
      return [summary, ...errors];
    }
    if (forget(engine, pod)) break;
  }
  await removePodCgroup(pod);
  if (pod.cgroupPath.endsWith(".slice")) (await import("./pod-limits.ts")).dropPodSlice(engine, pod);
  engine.locks.forget(pod.id);
  engine.events.write(podEvent(pod, "remove"));
  if (pod.serviceContainerId !== undefined) await (await import("./service.ts")).removeServiceOf(engine, pod);
  return [];
}

/** False when the pod has containers. */
function forget(engine: Engine, pod: PodRecord): boolean {
  return engine.state.transaction(() => {
    if (engine.state.containers.list({ podId: pod.id }).length > 0) return false;
    engine.state.pods.remove(pod.id);
    return true;
  });
}

/** Whether the pod has containers that are not among these: some may be in the making. */
function hasOthers(engine: Pick<Engine, "state">, pod: PodRecord, members: Members): boolean {
  const known = new Set(members.map(({ id }) => id));
  return engine.state.containers.list({ podId: pod.id }).some(({ id }) => !known.has(id));
}

/** Containers on which others depend go last, and not at all when one of those could not be removed. */
async function removeMembers(
  engine: Engine,
  { pod, members }: { readonly pod: PodRecord; readonly members: Members },
  options: PodRemoveOptions,
): Promise<Error[]> {
  const failed = new Set<string>();
  const errors: Error[] = [];
  const fail = (id: string, message: string): void => {
    failed.add(id);
    errors.unshift(new ToolError("invalid-state", message, { exitCode: 125 }));
  };
  for (const group of memberOrder(engine, members).reverse()) {
    const held = group.filter((id) => engine.state.containers.dependents(id).some((dependent) => failed.has(dependent)));
    for (const id of held) fail(id, `a container that depends on container ${id} could not be stopped: container state improper`);
    const removable = group.filter((id) => !failed.has(id));
    const reports = await Promise.all(
      // An infra container without others is of no use to anybody: it needs no force.
      removable.map((id) =>
        removeContainers(engine, [id], { ...options, force: options.force === true || id === pod.infraId, volumes: true, ofPod: true }),
      ),
    );
    for (const { reference, error } of reports.flat()) if (error !== undefined) fail(reference, error.message);
  }
  return errors;
}
