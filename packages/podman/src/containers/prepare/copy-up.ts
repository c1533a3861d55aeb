import { chmodSync, chownSync, constants, copyFileSync, lchownSync, lstatSync, lutimesSync, mkdirSync, type Stats } from "node:fs";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { fsPath } from "@containers/common/fs/raw-names";
import { readNames } from "@containers/common/fs/read-names";
import type { ContainerUser } from "@containers/common/spec-builder/look-up-user";
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/**
 * Fills a fresh volume with what the image has at the mount point, owners and times included, and gives it that directory's owner and
 * mode. Where the image has nothing, the volume goes to the container's user. A volume that holds something is left alone.
 */
export function copyUp(
  sys: Sys,
  job: { readonly root: string; readonly path: string; readonly destination: string; readonly user: ContainerUser },
): "copied" | "empty" | "kept" {
  if (readNames(job.destination).length > 0) return "kept";
  const fd = openDirectory(sys, job.root, job.path);
  if (fd === undefined) {
    chownSync(job.destination, job.user.uid, job.user.gid);
    return "empty";
  }
  try {
    // Below the descriptor nothing changes (the container does not run yet) and no link is followed.
    const source = `/proc/self/fd/${fd}`;
    const stat = lstatSync(`${source}/.`);
    const names = readNames(source);
    for (const name of names) copyEntry(sys, `${source}/${name}`, `${job.destination}/${name}`);
    applyMetadata(sys, { from: `${source}/.`, to: job.destination, stat });
    return names.length > 0 ? "copied" : "empty";
  } finally {
    sys.close(fd);
  }
}

function openDirectory(sys: Sys, root: string, path: string): number | undefined {
  try {
    return openInRoot(sys, root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

function copyEntry(sys: Sys, from: string, to: string): void {
  const stat = lstatSync(fsPath(from));
  if (stat.isSymbolicLink()) {
    sys.symlinkat(sys.readlinkat(AT_FDCWD, from), AT_FDCWD, to);
  } else if (stat.isDirectory()) {
    mkdirSync(fsPath(to));
    for (const name of readNames(from)) copyEntry(sys, `${from}/${name}`, `${to}/${name}`);
  } else if (stat.isFile()) {
    copyFileSync(fsPath(from), fsPath(to), constants.COPYFILE_FICLONE);
  } else if (stat.isSocket()) {
    return;
  } else {
    sys.mknodat(AT_FDCWD, to, stat.mode, stat.rdev);
  }
  applyMetadata(sys, { from, to, stat });
}

function applyMetadata(sys: Sys, entry: { readonly from: string; readonly to: string; readonly stat: Stats }): void {
  const { from, to, stat } = entry;
  lchownSync(fsPath(to), stat.uid, stat.gid);
  for (const name of sys.llistxattr(from)) copyAttribute(sys, name, entry);
  if (!stat.isSymbolicLink()) chmodSync(fsPath(to), stat.mode & 0o7777);
  lutimesSync(fsPath(to), stat.atime, stat.mtime);
}

/** overlay's own attributes and labels belong to the place, not to the file. */
function copyAttribute(sys: Sys, name: string, entry: { readonly from: string; readonly to: string }): void {
  if (/^(trusted\.overlay|user\.overlay|security\.selinux)/.test(name)) return;
  const value = sys.lgetxattr(entry.from, name);
  if (value !== undefined) sys.lsetxattr(entry.to, name, value);
}
