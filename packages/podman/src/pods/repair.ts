import { repairHalfMade } from "../containers/lifecycle/repair.ts";
import type { Engine } from "../engine/engine.ts";

/**
 * Forgets pods whose making was cut off: the record says so, and nobody holds the lock any more. An infra container that was made in between
 * goes with its pod. Returns how many there were.
 */
export function repairHalfMadePods(engine: Engine): number {
  let removed = 0;
  for (const { id, isCreating } of engine.state.pods.list()) {
    if (!isCreating) continue;
    const lock = engine.locks.tryAcquire(id);
    if (lock === undefined) continue;
    try {
      if (engine.state.pods.get(id)?.isCreating !== true) continue;
      for (const member of engine.state.containers.list({ podId: id })) {
        const container = engine.state.containers.get(member.id);
        if (container !== undefined) engine.state.containers.setState(member.id, { ...container.state, status: "creating" });
      }
      repairHalfMade(engine, engine.state.containers.list({ podId: id }));
      engine.state.pods.remove(id);
      engine.locks.forget(id);
      removed += 1;
    } finally {
      lock.release();
    }
  }
  return removed;
}
