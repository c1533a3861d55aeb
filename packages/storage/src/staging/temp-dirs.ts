import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

const DIRECTORY_PREFIX = "temp-dir-";
const LOCK_PREFIX = "lock-";

/**
 * A directory for what is being made or being deleted, `ROOT/temp-dir-X`, guarded by a lock on `ROOT/lock-X` as long as its owner lives.
 * The same layout as the original's, so that either tool clears away what the other left when it was killed.
 */
export interface TempDir {
  readonly path: string;
  /** Moves a file or directory of the same file system in here; a missing one is no error. */
  take(source: string): void;
  /** Deletes the directory with all that is in it, then the lock. May be called again. */
  discard(): void;
}

/** Makes a temporary directory below `root`, which is made as well. */
export function createTempDir(sys: Sys, root: string): TempDir {
  fs.mkdirSync(root, { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < 100; attempt++) {
    const name = Math.floor(Math.random() * 2 ** 48).toString(36);
    const lockPath = path.join(root, LOCK_PREFIX + name);
    const fd = lockNew(sys, lockPath);
    if (fd === undefined) continue;
    const directory = path.join(root, DIRECTORY_PREFIX + name);
    fs.mkdirSync(directory, { mode: 0o700 });
    return tempDir(directory, lockPath, fd);
  }
  throw new ToolError("unavailable", `no temporary directory can be made in ${root}`);
}

/** Deletes the temporary directories below `root` whose owners are gone. Errors are left for the next time. */
export function discardStaleTempDirs(sys: Sys, root: string): void {
  let names: string[];
  try {
    names = fs.readdirSync(root);
  } catch {
    return;
  }
  const stale = new Set<string>();
  for (const name of names) {
    if (name.startsWith(DIRECTORY_PREFIX)) stale.add(name.slice(DIRECTORY_PREFIX.length));
    else if (name.startsWith(LOCK_PREFIX)) stale.add(name.slice(LOCK_PREFIX.length));
  }
  for (const name of stale) {
    try {
      const lockPath = path.join(root, LOCK_PREFIX + name);
      const fd = fs.openSync(lockPath, "a");
      if (sys.ofdLock(fd, "write", false)) tempDir(path.join(root, DIRECTORY_PREFIX + name), lockPath, fd).discard();
      else fs.closeSync(fd);
    } catch {
      // Whoever comes next tries again.
    }
  }
}

function tempDir(directory: string, lockPath: string, fd: number): TempDir {
  let taken = 0;
  let open = true;
  return {
    path: directory,
    take(source) {
      try {
        fs.renameSync(source, path.join(directory, `${taken++}-${path.basename(source)}`));
      } catch (error) {
        if (errnoCode(error) !== "ENOENT") throw error;
      }
    },
    discard() {
      if (!open) return;
      removeTree(directory);
      fs.rmSync(lockPath, { force: true });
      fs.closeSync(fd);
      open = false;
    },
  };
}

/** Deletes a tree, also where a directory in it has lost the permission to be changed. */
function removeTree(directory: string): void {
  fs.rmSync(directory, { recursive: true, force: true });
}

/** Makes and locks a lock file; undefined when another process was quicker to take it for stale. */
function lockNew(sys: Sys, lockPath: string): number | undefined {
  let fd: number;
  try {
    fd = fs.openSync(lockPath, "wx", 0o600);
  } catch (error) {
    if (errnoCode(error) === "EEXIST") return undefined;
    throw error;
  }
  if (sys.ofdLock(fd, "write", false) && fs.statSync(lockPath, { throwIfNoEntry: false })?.ino === fs.fstatSync(fd).ino) return fd;
  fs.closeSync(fd);
  return undefined;
}
