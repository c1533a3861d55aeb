import type { Container } from "../containers/config.ts";
import { killContainers } from "../containers/lifecycle/kill.ts";
import { removeContainers } from "../containers/removal/remove.ts";
import type { Engine } from "../engine/engine.ts";
import { countedStatuses } from "./init-containers.ts";
import { podMembers } from "./members.ts";
import type { PodRecord } from "./pod-record.ts";
import { podStatus } from "./status.ts";

const SIGINT = 2;
const SIGKILL = 9;

/** Starts the container that stands for the pods of a kube file, where it does not run. The pod is about to start. */
export async function startService(engine: Engine, pod: PodRecord): Promise<void> {
  const service = serviceOf(engine, pod);
  if (service === undefined || service.state.status === "running") return;
  const { startContainers } = await import("../containers/lifecycle/start.ts");
  const [started] = await startContainers(engine, [service.config.id]);
  if (started?.error !== undefined) throw started.error;
}

/** Ends the container that stands for the pods of a kube file when they all have ended: by SIGKILL when it is to tell of failed containers. */
export async function endServiceOf(engine: Engine, pod: PodRecord): Promise<void> {
  const service = serviceOf(engine, pod);
  if (service === undefined || service.state.status !== "running") return;
  const failures: boolean[] = [];
  for (const other of podsOf(engine, service)) {
    const members = await podMembers(engine, other);
    if (!["Stopped", "Exited", "Error"].includes(podStatus(countedStatuses(engine, members)))) return;
    failures.push(...members.filter(({ isInfra }) => !isInfra).map(({ exitCode }) => exitCode !== 0));
  }
  const tells = service.config.service ?? "none";
  const failed = tells === "any" ? failures.includes(true) : tells === "all" && !failures.includes(false);
  await killContainers(engine, [service.config.id], { signal: failed ? SIGKILL : SIGINT });
}

/** Removes the container that stands for the pods of a kube file when this was the last of them. */
export async function removeServiceOf(engine: Engine, pod: PodRecord): Promise<void> {
  const service = serviceOf(engine, pod);
  if (service === undefined || podsOf(engine, service).length > 0) return;
  const [removed] = await removeContainers(engine, [service.config.id], { force: true, ignore: true, ofPod: true });
  if (removed?.error !== undefined) engine.warn(`Removing service container ${service.config.id}: ${removed.error.message}`);
}

function serviceOf(engine: Pick<Engine, "state">, { serviceContainerId = "" }: PodRecord): Container | undefined {
  return serviceContainerId === "" ? undefined : engine.state.containers.get(serviceContainerId);
}

function podsOf(engine: Pick<Engine, "state">, { config }: Container): PodRecord[] {
  return engine.state.pods.list().filter(({ serviceContainerId }) => serviceContainerId === config.id);
}
