import fs from "node:fs";
import { readNames } from "@containers/common/fs/read-names";
import { AT_SYMLINK_NOFOLLOW, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, RESOLVE_BENEATH, S_IFDIR, S_IFMT } from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/** One file of a tree, good until the next one is asked for. */
export interface TreeFile {
  /** Relative to the root of the walk, without a leading `./`. */
  readonly path: string;
  readonly name: string;
  /** Descriptor of the directory that the file is in. */
  readonly parent: number;
  readonly stat: Stat;
}

/**
 * All files below a directory, each directory before what is in it, names in order. Goes by descriptors and never through a symbolic
 * link, because a running container may change the tree meanwhile. What vanishes during the walk is left out.
 */
export function* walkTree(sys: Sys, root: string): Generator<TreeFile> {
  const fd = fs.openSync(root, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    yield* walkDirectory(sys, fd, "");
  } finally {
    fs.closeSync(fd);
  }
}

function* walkDirectory(sys: Sys, parent: number, prefix: string): Generator<TreeFile> {
  for (const name of readNames(`/proc/self/fd/${parent}`).sort()) {
    const path = prefix + name;
    const stat = ignoringMissing(() => sys.fstatat(parent, name, AT_SYMLINK_NOFOLLOW));
    if (stat === undefined) continue;
    yield { path, name, parent, stat };
    if ((stat.mode & S_IFMT) !== S_IFDIR) continue;
    const fd = ignoringMissing(() => sys.openat2(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, RESOLVE_BENEATH));
    if (fd === undefined) continue;
    try {
      yield* walkDirectory(sys, fd, `${path}/`);
    } finally {
      sys.close(fd);
    }
  }
}

function ignoringMissing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw error;
  }
}
