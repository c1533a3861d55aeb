/**
 * Locks that exclude other processes. Held in one process, a lock excludes another; when the holder dies, however it
 * dies, the kernel releases it. Not re-entrant: asking again in the holder waits for ever.
 */
export interface LockManager {
  /** Waits for the lock and takes it. */
  acquire(name: string): HeldLock;
  /** The lock, or undefined when someone else holds it now. */
  tryAcquire(name: string): HeldLock | undefined;
  /** Drops what is left of a lock that nobody will ask for again. The caller holds it. */
  forget(name: string): void;
  /** Those that were ever asked for and not forgotten. */
  names(): readonly string[];
}

export interface HeldLock {
  release(): void;
}
