import { mkdirSync, readdirSync, unlinkSync } from "node:fs";
import { AT_FDCWD, O_CLOEXEC, O_CREAT, O_RDWR } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { HeldLock, LockManager } from "./lock-manager.ts";

/**
 * Locks as open-file-description locks on small files in `directory`. The directory is in the run
 * directory: after a reboot there are none, and none is needed.
 */
export function fileLocks(sys: Sys, directory: string): LockManager {
  const take = (name: string, wait: boolean): HeldLock | undefined => {
    for (;;) {
      const fd = openLockFile(sys, directory, name);
      if (!sys.ofdLock(fd, "write", wait)) {
        sys.close(fd);
        return undefined;
      }
      if (isCurrent(sys, fd, `${directory}/${name}`)) return held(sys, fd);
      // The file was forgotten (and perhaps made anew) while this process waited: the lock on it excludes nobody.
      sys.close(fd);
    }
  };
  return {
    acquire(name) {
      const lock = take(name, true);
      if (lock === undefined) throw new Error(`lock ${name} was not granted`);
      return lock;
    },
    tryAcquire: (name) => take(name, false),
    forget(name) {
      try {
        unlinkSync(`${directory}/${name}`);
      } catch (error) {
        if (errnoCode(error) !== "ENOENT") throw error;
      }
    },
    names() {
      try {
        return readdirSync(directory);
      } catch (error) {
        if (errnoCode(error) !== "ENOENT") throw error;
        return [];
      }
    },
  };
}

function openLockFile(sys: Sys, directory: string, name: string): number {
  const open = (): number => sys.openat2(AT_FDCWD, `${directory}/${name}`, O_RDWR | O_CREAT | O_CLOEXEC, 0o600, 0);
  try {
    return open();
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return open();
  }
}

function isCurrent(sys: Sys, fd: number, path: string): boolean {
  try {
    const mine = sys.fstatat(AT_FDCWD, `/proc/self/fd/${fd}`, 0);
    const there = sys.fstatat(AT_FDCWD, path, 0);
    return mine.ino === there.ino && mine.dev === there.dev;
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return false;
    throw error;
  }
}

function held(sys: Sys, fd: number): HeldLock {
  let open = true;
  return {
    release() {
      if (open) sys.close(fd);
      open = false;
    },
  };
}
