import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { bootId, isSameProcess } from "../../monitor/process-identity.ts";
import type { ContainerSummary } from "../../state/state.ts";
import type { Container } from "../config.ts";
import { removeLocked } from "../removal/remove.ts";
import { refreshLocked } from "./refresh.ts";
import { isStale } from "./stale.ts";
import { may } from "./transitions.ts";

/** Milliseconds. */
const OTHER_PATIENCE = 300;

/**
 * Removes containers whose making was cut off: the record says `creating`, and nobody holds the lock any more. Their layers go too, so the
 * space comes back. Returns how many there were.
 */
export function repairHalfMade(
  engine: Engine,
  candidates: readonly ContainerSummary[] = engine.state.containers.list({ statuses: ["creating"] }),
): number {
  let removed = 0;
  for (const { id, status } of candidates) {
    if (status !== "creating") continue;
    const lock = engine.locks.tryAcquire(id);
    if (lock === undefined) continue;
    try {
      const container = engine.state.containers.get(id);
      if (container === undefined) engine.locks.forget(id);
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
    if (summary.status === "creating" || (summary.status !== "removing" && !isStale(summary, boot))) continue;
    const lock = engine.locks.tryAcquire(summary.id);
    if (lock === undefined) {
      changed = (await awaitOther(engine, summary)) || changed;
      continue;
    }
    try {
      const container = engine.state.containers.get(summary.id);
      if (container === undefined) {
        // Removed meanwhile, together with its lock, which asking made anew.
        engine.locks.forget(summary.id);
        continue;
      }
      await repairLocked(engine, container);
      changed = true;
    } catch (error) {
      // One container that cannot be mended must not keep the others from being listed.
      engine.warn(`container ${summary.name}: ${describeError(error)}`);
    } finally {
      lock.release();
    }
  }
  return changed;
}

/** A --rm container whose podman was killed is of no use to anybody; neither is one whose removal was begun. */
async function repairLocked(engine: Engine, container: Container): Promise<void> {
  const { config, state } = container;
  const current = state.status === "removing" ? container : await refreshLocked(engine, container);
  if (current.state.status === "removing" || (config.autoRemove && may("remove", current.state.status))) {
    await removeLocked(engine, current, { volumes: config.autoRemove });
  }
}

/** Somebody else is at work on a container whose process has ended: its record will say so in a moment. True when it has changed. */
async function awaitOther(engine: Pick<Engine, "state">, { id, status, pid, pidStartTime }: ContainerSummary): Promise<boolean> {
  if (!["running", "paused", "stopping"].includes(status) || isSameProcess(pid, pidStartTime)) return false;
  for (let waited = 0; waited < OTHER_PATIENCE; waited += 5) {
    if (engine.state.containers.get(id)?.state.status !== status) return true;
    await delay(5);
  }
  return false;
}
