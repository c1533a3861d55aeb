import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { acquireFileLock } from "../fs/file-lock.ts";

/** The host has one network namespace, so root has one lock: the original's. */
export const ROOT_NETWORK_LOCK = "/run/lock/netavark.lock";

/**
 * Runs `fn` while no other process, of either make, changes networks. Waits without blocking the thread: another operation of
 * this same process may hold the lock and must be able to go on.
 */
export async function withNetworkLock<T>(path: string, fn: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let lock = acquireFileLock(path, "write", { wait: false });
  for (let pause = 1; lock === undefined; pause = Math.min(pause * 2, 16)) {
    await sleep(pause);
    lock = acquireFileLock(path, "write", { wait: false });
  }
  try {
    return await fn();
  } finally {
    lock.release();
  }
}
