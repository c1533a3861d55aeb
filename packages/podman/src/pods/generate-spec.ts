import { cloneName } from "../containers/creation/clone-name.ts";
import { sharedSpecJson } from "../containers/creation/generate-spec.ts";
import type { Engine } from "../engine/engine.ts";
import type { PodRecord } from "./pod-record.ts";

/** The body by which the service would be asked to make a pod like this one (`PodSpecGenerator`, in the original's keys). */
export function podSpecJson(engine: Pick<Engine, "state" | "defaults" | "warn">, pod: PodRecord, rename: boolean): Record<string, unknown> {
  const infra = pod.infraId === "" ? undefined : engine.state.containers.get(pod.infraId)?.config;
  return {
    name: rename ? cloneName(pod.name, (name) => engine.state.pods.resolve(name)?.name === name) : pod.name,
    infra_image: infra?.imageName || undefined,
    labels: Object.keys(pod.labels).length === 0 ? undefined : pod.labels,
    pidns: { nsmode: "default" },
    utsns: { nsmode: "private" },
    restart_policy: pod.restart?.name,
    ...(infra === undefined ? {} : sharedSpecJson(engine, infra)),
  };
}
