import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { bootId, isSameProcess, isWatched } from "../../monitor/process-identity.ts";
import type { Container } from "../config.ts";
import type { ContainerState } from "../state.ts";

/** Statuses in which the container's process is believed to live. */
const ALIVE: readonly string[] = ["created", "running", "paused", "stopping"];

/** Whether the record says that the container has a process. */
export function isBelievedAlive({ status }: Pick<ContainerState, "status">): boolean {
  return ALIVE.includes(status);
}

/** Whether the record of a container that is listed needs `refreshLocked`: cheap, and without its lock. */
export function isStale(
  summary: Pick<ContainerState, "status" | "pid" | "pidStartTime" | "conmonPid" | "bootId" | "needsCleanup">,
  boot: string,
): boolean {
  if (!summary.needsCleanup) return false;
  if (summary.bootId !== boot || !isBelievedAlive(summary)) return true;
  return summary.status === "created" || !isSameProcess(summary.pid, summary.pidStartTime) || !isWatched(summary);
}

/**
 * The container that the user named, or that was found already; its record is made true first when it is stale. What that takes, most of the engine, is loaded
 * only then.
 */
export async function currentContainer(engine: Engine, reference: string | Container): Promise<Container> {
  const container = typeof reference === "string" ? resolveContainer(engine, reference) : reference;
  if (!container.state.needsCleanup || !isStale(container.state, bootId())) return container;
  const { refreshLocked } = await import("./refresh.ts");
  return withContainerLock(engine, container.config.id, (stale) => refreshLocked(engine, stale));
}
