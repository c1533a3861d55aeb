import { AT_SYMLINK_NOFOLLOW } from "@containers/common/sys/constants";
import type { Sys, TimeSpec } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { TarEntry } from "./tar-entry.ts";

const EPOCH: TimeSpec = { sec: 0, nsec: 0 };

/** Sets an entry's times; the access time is never before the modification time. */
export function applyTimes(sys: Sys, parent: number, name: string, entry: TarEntry): void {
  const mtime = entry.mtime.sec < 0 ? EPOCH : entry.mtime;
  const atime = entry.atime === undefined || isBefore(entry.atime, mtime) ? mtime : entry.atime;
  sys.utimensat(parent, name, atime, mtime, AT_SYMLINK_NOFOLLOW);
}

/**
 * Sets an entry's extended attributes. Those that the file system or a user namespace cannot hold are passed over, as
 * the original does; labels are the host's own, and overlay's marks are never taken from an archive.
 */
export function applyAttributes(sys: Sys, parent: number, name: string, entry: TarEntry, userNamespace: boolean): void {
  if (entry.xattrs === undefined) return;
  for (const [key, value] of entry.xattrs) {
    if (key === "security.selinux" || key.startsWith("trusted.overlay.") || key.startsWith("user.overlay.")) continue;
    try {
      sys.lsetxattr(`/proc/self/fd/${parent}/${name}`, key, value);
    } catch (error) {
      const code = errnoCode(error);
      if (code !== "EOPNOTSUPP" && code !== "ENOTSUP" && !(userNamespace && code === "EPERM")) throw error;
    }
  }
}

function isBefore(left: TimeSpec, right: TimeSpec): boolean {
  return left.sec < right.sec || (left.sec === right.sec && left.nsec < right.nsec);
}
