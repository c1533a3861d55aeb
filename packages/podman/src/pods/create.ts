import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { createContainer } from "../containers/creation/create.ts";
import { newId } from "../containers/creation/new-id.ts";
import { randomName } from "../containers/creation/random-name.ts";
import { timestamp } from "../containers/timestamp.ts";
import type { Engine } from "../engine/engine.ts";
import { infraContainerSpec } from "./infra-container.ts";
import { podCgroup } from "./pod-cgroup.ts";
import { podEvent } from "./pod-event.ts";
import { applyPodLimits, warnOfLimits } from "./pod-limits.ts";
import type { PodRecord } from "./pod-record.ts";
import type { PodSpec } from "./pod-spec.ts";
import { removePods } from "./remove.ts";
import { repairHalfMadePods } from "./repair.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Makes a pod and its infra container; nothing is started. The record comes first and says that it is being made until the infra container is
 * there, so that a kill in between leaves something that the next command finds and removes.
 *
 * @throws already-exists when the name is taken
 */
export async function createPod(engine: Engine, spec: PodSpec): Promise<PodRecord> {
  if (spec.name !== undefined && !NAME.test(spec.name)) {
    throw new ToolError("invalid-argument", "running pod create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument");
  }
  if (spec.replace === true) await removeNamed(engine, spec.name);
  const { pod, lock } = claim(engine, spec);
  try {
    const infraId = spec.infra === undefined ? "" : await makeInfra(engine, pod, spec);
    warnOfLimits(engine, pod);
    applyPodLimits(engine, pod);
    const made = { ...pod, infraId, isCreating: false };
    engine.state.pods.update(made);
    engine.events.write(podEvent(made, "create"));
    return made;
  } catch (error) {
    engine.state.pods.remove(pod.id);
    engine.locks.forget(pod.id);
    throw error;
  } finally {
    lock.release();
  }
}

async function makeInfra(engine: Engine, pod: PodRecord, spec: PodSpec): Promise<string> {
  if (spec.infra === undefined) return "";
  const { config } = await createContainer(engine, infraContainerSpec(engine, pod, { infra: spec.infra, hostname: spec.hostname }));
  return config.id;
}

async function removeNamed(engine: Engine, name: string | undefined): Promise<void> {
  if (name === undefined) throw new ToolError("invalid-argument", "cannot replace pod without --name being set");
  const existing = engine.state.pods.resolve(name);
  if (existing?.name !== name) return;
  const [report] = await removePods(engine, [existing], { force: true });
  const [error] = report?.errors ?? [];
  if (error !== undefined) throw error;
}

/** Takes the name; one of our choice that is taken is chosen anew. The lock of the new pod is held. */
function claim(engine: Engine, spec: PodSpec) {
  for (let attempt = 0; ; attempt += 1) {
    const pod = newRecord(engine, spec, spec.name ?? randomName(attempt));
    const lock = engine.locks.acquire(pod.id);
    try {
      engine.state.pods.insert(pod);
      return { pod, lock };
    } catch (error) {
      lock.release();
      engine.locks.forget(pod.id);
      if (!isErrorOfKind(error, "already-exists") || attempt >= 6) throw error;
      const removed = repairHalfMadePods(engine);
      if (spec.name !== undefined && removed === 0) throw error;
    }
  }
}

function configuredExitPolicy({ config }: Pick<Engine, "config">): PodRecord["exitPolicy"] {
  const { podExitPolicy } = config.engine;
  if (podExitPolicy === "continue" || podExitPolicy === "stop") return podExitPolicy;
  throw new ToolError("invalid-argument", `running pod create option: invalid pod exit policy: ${JSON.stringify(podExitPolicy)}`);
}

function newRecord(engine: Engine, spec: PodSpec, name: string): PodRecord {
  const id = newId();
  return {
    id,
    name,
    createdAt: timestamp(),
    labels: spec.labels ?? {},
    hostname: spec.hostname ?? "",
    createCommand: spec.createCommand ?? [],
    exitPolicy: spec.exitPolicy ?? configuredExitPolicy(engine),
    ...(spec.restart === undefined ? {} : { restart: spec.restart }),
    shared: [...(spec.infra?.share ?? [])].sort(),
    shareParent: spec.shareParent ?? true,
    ...podCgroup(engine, id, spec.cgroupParent),
    ...(spec.limits === undefined ? {} : { limits: spec.limits }),
    ...(spec.serviceContainerId === undefined ? {} : { serviceContainerId: spec.serviceContainerId }),
    infraId: "",
    isCreating: true,
  };
}
