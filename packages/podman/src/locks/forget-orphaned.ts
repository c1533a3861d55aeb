import type { Engine } from "../engine/engine.ts";

/** `ID`, or `ID.PID.TIME.lease`. */
const OF_CONTAINER = /^([0-9a-f]{64})(\.|$)/;

/** Drops locks that a podman took for what it then did not make, because it was killed. What somebody holds stays. */
export function forgetOrphanedLocks({ locks, state }: Pick<Engine, "locks" | "state">): void {
  const isUsed = (id: string): boolean => state.containers.get(id) !== undefined || state.pods.get(id) !== undefined;
  for (const name of locks.names()) {
    const id = OF_CONTAINER.exec(name)?.[1];
    if (id === undefined || isUsed(id)) continue;
    const lock = locks.tryAcquire(name);
    if (lock === undefined) continue;
    // Its maker takes the lock first and writes the record then.
    if (!isUsed(id)) locks.forget(name);
    lock.release();
  }
}
