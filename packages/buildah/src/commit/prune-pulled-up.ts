import { readdirSync } from "node:fs";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_SYMLINKS,
} from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { PulledUpDirectory } from "../run/mount-targets.ts";

/**
 * Takes directories out of a layer that are in it only because something was mounted in them for a while. The layer must
 * not be mounted. One that holds something, or looks different now, stays.
 */
export function prunePulledUp(sys: Sys, layerDirectory: string, directories: readonly PulledUpDirectory[]): void {
  if (directories.length === 0) return;
  const root = sys.openat2(AT_FDCWD, layerDirectory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
  try {
    for (const directory of [...directories].sort((a, b) => b.path.length - a.path.length)) {
      if (directory.path !== ".") pruneOne(sys, root, directory);
    }
  } finally {
    sys.close(root);
  }
}

function pruneOne(sys: Sys, root: number, directory: PulledUpDirectory): void {
  let fd: number;
  try {
    fd = sys.openat2(root, directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return;
    throw error;
  }
  try {
    const now = sys.fstatat(fd, "", AT_EMPTY_PATH);
    const before = directory.stat;
    const same =
      now.mode === before.mode &&
      now.uid === before.uid &&
      now.gid === before.gid &&
      now.mtimeSec === before.mtimeSec &&
      now.mtimeNsec === before.mtimeNsec;
    if (!same || readdirSync(`/proc/self/fd/${fd}`).length > 0) return;
  } finally {
    sys.close(fd);
  }
  sys.unlinkat(root, directory.path, AT_REMOVEDIR);
}
