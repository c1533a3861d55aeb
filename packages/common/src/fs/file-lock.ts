import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { linuxSys } from "../sys/linux.ts";
import { errnoCode } from "../sys/sys-error.ts";

export interface FileLock {
  /** Gives the lock back. Calling it twice is harmless. */
  release(): void;
}

/**
 * Runs `fn` while holding the lock file `path`, which is made when missing. The lock belongs to the open file: it also excludes others in this
 * process, does not nest, and the kernel releases it when the process dies. It is the kind that containers/storage takes.
 */
export function withFileLock<T>(path: string, kind: "read" | "write", fn: () => T): T {
  const lock = waitForLock(path, kind);
  try {
    return fn();
  } finally {
    lock.release();
  }
}

/** Takes the lock and keeps it until `release`; undefined when `wait` is false and another holder has it. */
export function acquireFileLock(path: string, kind: "read" | "write", options: { readonly wait: boolean }): FileLock | undefined {
  const fd = openLockFile(path, kind);
  try {
    if (linuxSys().ofdLock(fd, kind, options.wait)) return held(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}

function waitForLock(path: string, kind: "read" | "write"): FileLock {
  const lock = acquireFileLock(path, kind, { wait: true });
  if (lock === undefined) throw new Error(`unreachable: waiting for ${path} ended without the lock`);
  return lock;
}

/** Closing the only descriptor of the open file releases its lock. */
function held(fd: number): FileLock {
  const state = { open: true };
  return {
    release() {
      if (!state.open) return;
      state.open = false;
      closeSync(fd);
    },
  };
}

function openLockFile(path: string, kind: "read" | "write"): number {
  try {
    return openSync(path, "a+", 0o644);
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT") {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      return openSync(path, "a+", 0o644);
    }
    // a reader needs no more than read permission, for instance in a shared, read-only store
    if (kind === "read" && (code === "EROFS" || code === "EACCES")) return openSync(path, "r");
    throw error;
  }
}
