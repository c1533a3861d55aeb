import type { LockManager } from "./lock-manager.ts";

/** Names of the locks that some process holds now, sorted. */
export function heldLocks(locks: LockManager): string[] {
  return [...locks.names()].sort().filter((name) => {
    const free = locks.tryAcquire(name);
    free?.release();
    return free === undefined;
  });
}
