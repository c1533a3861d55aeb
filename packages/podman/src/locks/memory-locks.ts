import type { LockManager } from "./lock-manager.ts";

/** Locks within this process, for tests: waiting for a held one can never end, so it throws. */
export function memoryLocks(): LockManager {
  const taken = new Set<string>();
  const tryAcquire: LockManager["tryAcquire"] = (name) => {
    if (taken.has(name)) return undefined;
    taken.add(name);
    return { release: () => void taken.delete(name) };
  };
  return {
    tryAcquire,
    acquire(name) {
      const lock = tryAcquire(name);
      if (lock === undefined) throw new Error(`deadlock: ${name} is held by this process already`);
      return lock;
    },
    forget: () => undefined,
    names: () => [...taken],
  };
}
