import { rmSync } from "node:fs";
import type { Engine } from "../engine/engine.ts";
import { bootId } from "../monitor/process-identity.ts";
import type { ContainerSummary } from "../state/state.ts";
import { isStale, refreshLocked } from "./refresh.ts";

/**
 * Removes containers whose making was cut off: the record says `creating`, and nobody holds the lock any more. Their layers go too, so the
 * space comes back. Returns how many there were.
 */
export function repairHalfMade(engine: Engine, candidates: readonly ContainerSummary[] = engine.state.containers.list({ statuses: ["creating"] })): number {
  let removed = 0;
  for (const { id, status } of candidates) {
    if (status !== "creating") continue;
    const lock = engine.locks.tryAcquire(id);
    if (lock === undefined) continue;
    try {
      const container = engine.state.containers.get(id);
      if (container?.state.status !== "creating") continue;
      engine.store.containers.remove(id);
      rmSync(container.config.runDir, { recursive: true, force: true });
      engine.state.containers.remove(id);
      engine.locks.forget(id);
      removed += 1;
    } finally {
      lock.release();
    }
  }
  return removed;
}

/**
 * Makes stale records of a listing true: the monitor or an earlier podman was killed, or the host restarted. Records that another process
 * works on are left to it. True when anything changed, so that the caller lists again.
 */
export async function repairStale(engine: Engine, summaries: readonly ContainerSummary[]): Promise<boolean> {
  let changed = repairHalfMade(engine, summaries) > 0;
  const boot = bootId();
  for (const summary of summaries) {
    if (summary.status === "creating" || !isStale(summary, boot)) continue;
    const lock = engine.locks.tryAcquire(summary.id);
    if (lock === undefined) continue;
    try {
      const container = engine.state.containers.get(summary.id);
      if (container === undefined) continue;
      await refreshLocked(engine, container);
      changed = true;
    } finally {
      lock.release();
    }
  }
  return changed;
}
