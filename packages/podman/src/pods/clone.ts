import type { ContainerConfig } from "../containers/config.ts";
import { cloneContainer } from "../containers/creation/clone.ts";
import { cloneName } from "../containers/creation/clone-name.ts";
import { networkOf, userOf } from "../containers/creation/spec-of-config.ts";
import type { Engine } from "../engine/engine.ts";
import { createPod } from "./create.ts";
import type { PodRecord } from "./pod-record.ts";
import type { InfraSpec, PodSpec } from "./pod-spec.ts";
import { removePods } from "./remove.ts";
import { startPod } from "./start.ts";

export interface PodCloneOptions {
  /** Default: the name with `-clone` behind it. */
  readonly name?: string;
  /** What differs. */
  readonly pod?: Partial<Omit<PodSpec, "name" | "infra">>;
  readonly infra?: Partial<InfraSpec>;
  /** Remove the pod once it is copied. */
  readonly destroy?: boolean;
  readonly start?: boolean;
}

/** Makes a pod like another, with copies of its containers. */
export async function clonePod(engine: Engine, pod: PodRecord, options: PodCloneOptions = {}): Promise<PodRecord> {
  const made = await createPod(engine, podCloneSpec(engine, pod, options));
  for (const { id, isInfra } of engine.state.containers.list({ podId: pod.id }))
    if (!isInfra) await cloneContainer(engine, id, { pod: made.id });
  if (options.destroy === true) {
    const [report] = await removePods(engine, [pod], { force: true });
    const [error] = report?.errors ?? [];
    if (error !== undefined) throw error;
  }
  if (options.start === true) {
    const [error] = await startPod(engine, made);
    if (error !== undefined) throw error;
  }
  return made;
}

/** What would have to be asked for to get a pod like this one. */
function podCloneSpec(engine: Pick<Engine, "state">, pod: PodRecord, options: PodCloneOptions = {}): PodSpec {
  const infra = pod.infraId === "" ? undefined : engine.state.containers.get(pod.infraId)?.config;
  return {
    labels: pod.labels,
    createCommand: pod.createCommand,
    exitPolicy: pod.exitPolicy,
    restart: pod.restart,
    shareParent: pod.shareParent,
    limits: pod.limits,
    ...defined(options.pod ?? {}),
    name: options.name ?? cloneName(pod.name, (name) => engine.state.pods.resolve(name)?.name === name),
    ...(infra === undefined ? {} : { infra: { ...infraSpecOf(engine, pod, infra), ...defined(options.infra ?? {}) } }),
  };
}

function infraSpecOf(engine: Pick<Engine, "state">, pod: PodRecord, config: ContainerConfig): InfraSpec {
  const { imageName, namespaces } = config;
  return {
    name: cloneName(config.name, (name) => engine.state.containers.resolve(name)?.config.name === name),
    ...(imageName === "" ? {} : { image: imageName }),
    ...(imageName === "" && config.process[0] === "/catatonit" ? {} : { command: config.process }),
    share: pod.shared,
    network: networkOf(config),
    pid: namespaces.pid,
    uts: namespaces.uts,
    ipc: namespaces.ipc,
    user: userOf(config),
    volumes: config.mounts,
    devices: config.devices,
    cdiDevices: config.cdiDevices,
    shmSize: config.shmSize,
    shmSizeSystemd: config.shmSizeSystemd,
    sysctls: config.resources.sysctls,
    security: config.security,
  };
}

function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
