import fs from "node:fs";
import { fsPath } from "@containers/common/fs/raw-names";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { walkTree } from "../../archive/walk-tree.ts";

/** Copies a tree with owners, modes, times, extended attributes, devices and hard links; contents are shared where the file system can. */
export function copyTree(sys: Sys, source: string, target: string): void {
  fs.mkdirSync(target, { mode: 0o700 });
  const linked = new Map<string, string>();
  const directories: Array<{ copy: string; stat: Stat }> = [{ copy: target, stat: sys.fstatat(AT_FDCWD, source, 0) }];
  for (const { path: name, stat } of walkTree(sys, source)) {
    const original = `${source}/${name}`;
    const copy = `${target}/${name}`;
    const key = `${stat.dev}:${stat.ino}`;
    const first = stat.nlink > 1 && (stat.mode & S_IFMT) !== S_IFDIR ? linked.get(key) : undefined;
    if (first !== undefined) {
      fs.linkSync(fsPath(first), fsPath(copy));
      continue;
    }
    linked.set(key, copy);
    makeFile(sys, { original, copy, stat });
    copyMetadata(sys, { original, copy, stat });
    if ((stat.mode & S_IFMT) === S_IFDIR) directories.push({ copy, stat });
  }
  copyMetadata(sys, { original: source, copy: target, stat: directories[0]?.stat ?? sys.fstatat(AT_FDCWD, source, 0) });
  for (const { copy, stat } of directories.reverse()) setTimes(sys, copy, stat);
}

interface FileCopy {
  readonly original: string;
  readonly copy: string;
  readonly stat: Stat;
}

function makeFile(sys: Sys, { original, copy, stat }: FileCopy): void {
  const kind = stat.mode & S_IFMT;
  if (kind === S_IFDIR) fs.mkdirSync(fsPath(copy), { mode: 0o700 });
  else if (kind === S_IFLNK) sys.symlinkat(sys.readlinkat(AT_FDCWD, original), AT_FDCWD, copy);
  else if (kind === S_IFREG) fs.copyFileSync(fsPath(original), fsPath(copy), fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE);
  else sys.mknodat(AT_FDCWD, copy, kind | 0o600, stat.rdev);
}

function copyMetadata(sys: Sys, { original, copy, stat }: FileCopy): void {
  sys.fchownat(AT_FDCWD, copy, stat.uid, stat.gid, AT_SYMLINK_NOFOLLOW);
  const link = (stat.mode & S_IFMT) === S_IFLNK;
  if (!link) fs.chmodSync(fsPath(copy), stat.mode & 0o7777);
  for (const key of sys.llistxattr(original)) {
    const value = sys.lgetxattr(original, key);
    try {
      if (value !== undefined) sys.lsetxattr(copy, key, value);
    } catch (error) {
      if (errnoCode(error) !== "EOPNOTSUPP" && errnoCode(error) !== "EPERM") throw error;
    }
  }
  setTimes(sys, copy, stat);
}

function setTimes(sys: Sys, copy: string, stat: Stat): void {
  const time = { sec: stat.mtimeSec, nsec: stat.mtimeNsec };
  sys.utimensat(AT_FDCWD, copy, time, time, AT_SYMLINK_NOFOLLOW);
}
