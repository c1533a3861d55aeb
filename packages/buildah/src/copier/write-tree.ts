import { writeSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { readNames } from "@containers/common/fs/read-names";
import {
  AT_EMPTY_PATH,
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
  RESOLVE_IN_ROOT,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFMT,
} from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { CopyEntry } from "./entry.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A directory that files are copied into; every path is resolved below it. Call {@link finish} at the end. */
export class TargetTree {
  private readonly sys: Sys;
  private readonly root: number;
  /** Owner of directories that no entry describes. */
  private readonly owner: Owner;
  private readonly directories = new Map<string, CopyEntry>();

  /** Takes over the descriptor. */
  constructor(sys: Sys, root: number, owner: Owner) {
    this.sys = sys;
    this.root = root;
    this.owner = owner;
  }

  /** Makes `entry`, in place of what is there (a directory is kept for a directory). `tap` sees a file's bytes as they pass. */
  async write(entry: CopyEntry, tap: (bytes: Uint8Array) => void): Promise<void> {
    const slash = entry.name.lastIndexOf("/");
    const parent = this.openDirectory(slash === -1 ? "." : entry.name.slice(0, slash));
    const name = slash === -1 ? entry.name : entry.name.slice(slash + 1);
    try {
      if (name === "" || name === "." || name === "..")
        throw new ToolError("invalid-argument", `${JSON.stringify(entry.name)} is no name for a file`);
      if (entry.type === "directory") this.writeDirectory(parent, name, entry);
      else await this.writeOther(parent, name, entry, tap);
    } finally {
      this.sys.close(parent);
    }
  }

  /** Sets permissions and times of directories, which had to wait until their contents were there. */
  finish(): void {
    for (const [path, entry] of [...this.directories].reverse()) {
      const fd = this.sys.openat2(this.root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
      try {
        this.sys.fchmodat(fd, ".", entry.mode);
        this.sys.utimensat(fd, ".", entry.mtime, entry.mtime, 0);
      } finally {
        this.sys.close(fd);
      }
    }
  }

  close(): void {
    this.sys.close(this.root);
  }

  private openDirectory(path: string): number {
    return openOrMakeDirectory(this.sys, { root: this.root, path, owner: this.owner });
  }

  private writeDirectory(parent: number, name: string, entry: CopyEntry): void {
    const present = statAt(this.sys, parent, name);
    if (present !== undefined && (present.mode & S_IFMT) !== S_IFDIR) this.sys.unlinkat(parent, name, 0);
    if (present === undefined || (present.mode & S_IFMT) !== S_IFDIR) this.sys.mkdirat(parent, name, 0o700);
    this.sys.fchownat(parent, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW);
    this.setXattrs(parent, name, entry);
    this.directories.set(entry.name, entry);
  }

  private async writeOther(parent: number, name: string, entry: CopyEntry, tap: (bytes: Uint8Array) => void): Promise<void> {
    removeTree(this.sys, parent, name);
    switch (entry.type) {
      case "file":
        await this.writeFile(parent, name, entry, tap);
        return;
      case "hardlink":
        this.link(parent, name, entry.linkName);
        return;
      case "symlink":
        this.sys.symlinkat(entry.linkName, parent, name);
        break;
      case "fifo":
        this.sys.mkfifoat(parent, name, 0o600);
        break;
      default:
        this.sys.mknodat(
          parent,
          name,
          (entry.type === "char" ? S_IFCHR : S_IFBLK) | 0o600,
          makeDevice(entry.deviceMajor, entry.deviceMinor),
        );
    }
    this.sys.fchownat(parent, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW);
    if (entry.type !== "symlink") this.sys.fchmodat(parent, name, entry.mode);
    this.setXattrs(parent, name, entry);
    this.sys.utimensat(parent, name, entry.mtime, entry.mtime, AT_SYMLINK_NOFOLLOW);
  }

  private async writeFile(parent: number, name: string, entry: CopyEntry, tap: (bytes: Uint8Array) => void): Promise<void> {
    const fd = this.sys.openat2(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600, 0);
    try {
      let written = 0;
      for await (const chunk of entry.content()) {
        tap(chunk);
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
        written += chunk.length;
      }
      if (written !== entry.size) {
        throw new ToolError("invalid-state", `copying ${entry.name}: incorrect size (expected ${entry.size} bytes, read ${written} bytes)`);
      }
    } finally {
      this.sys.close(fd);
    }
    this.sys.fchownat(parent, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW);
    this.sys.fchmodat(parent, name, entry.mode);
    this.setXattrs(parent, name, entry);
    this.sys.utimensat(parent, name, entry.mtime, entry.mtime, AT_SYMLINK_NOFOLLOW);
  }

  private link(parent: number, name: string, target: string): void {
    const slash = target.lastIndexOf("/");
    const directory = this.openDirectory(slash === -1 ? "." : target.slice(0, slash));
    try {
      this.sys.linkat(directory, target.slice(slash + 1), parent, name, 0);
    } finally {
      this.sys.close(directory);
    }
  }

  private setXattrs(parent: number, name: string, entry: CopyEntry): void {
    for (const [key, value] of entry.xattrs) this.sys.lsetxattr(`/proc/self/fd/${parent}/${name}`, key, value);
  }
}

/** Opens `path` below `root`, making what is missing of it (0755, owned by `owner`). A path descriptor of the directory. */
export function openOrMakeDirectory(
  sys: Sys,
  place: { readonly root: number; readonly path: string; readonly owner: Owner; readonly mode?: number },
): number {
  const flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  let done = ".";
  let fd = sys.openat2(place.root, ".", flags, 0, RESOLVE_IN_ROOT);
  for (const part of place.path.split("/")) {
    if (part === "" || part === ".") continue;
    done = `${done}/${part}`;
    try {
      const next = openOrMakeChild(sys, { ...place, parent: fd, part, path: done });
      sys.close(fd);
      fd = next;
    } catch (error) {
      sys.close(fd);
      throw error;
    }
  }
  return fd;
}

function openOrMakeChild(
  sys: Sys,
  child: { root: number; parent: number; part: string; path: string; owner: Owner; mode?: number },
): number {
  const flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  try {
    return sys.openat2(child.root, child.path, flags, 0, RESOLVE_IN_ROOT);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
  }
  sys.mkdirat(child.parent, child.part, child.mode ?? 0o755);
  sys.fchmodat(child.parent, child.part, child.mode ?? 0o755);
  sys.fchownat(child.parent, child.part, child.owner.uid, child.owner.gid, AT_SYMLINK_NOFOLLOW);
  return sys.openat2(child.root, child.path, flags, 0, RESOLVE_IN_ROOT);
}

/** Removes a file or a whole directory; nothing happens when there is none. Never follows a symlink. */
function removeTree(sys: Sys, parent: number, name: string): void {
  const stat = statAt(sys, parent, name);
  if (stat === undefined) return;
  if ((stat.mode & S_IFMT) !== S_IFDIR) {
    sys.unlinkat(parent, name, 0);
    return;
  }
  const fd = sys.openat2(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, 0);
  try {
    for (const child of readNames(`/proc/self/fd/${fd}`)) removeTree(sys, fd, child);
  } finally {
    sys.close(fd);
  }
  sys.unlinkat(parent, name, AT_REMOVEDIR);
}

function statAt(sys: Sys, parent: number, name: string): Stat | undefined {
  try {
    return sys.fstatat(parent, name, name === "" ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function makeDevice(majorNumber: number, minorNumber: number): number {
  const major = BigInt(majorNumber);
  const minor = BigInt(minorNumber);
  return Number(((major & ~0xfffn) << 32n) | ((major & 0xfffn) << 8n) | ((minor & ~0xffn) << 12n) | (minor & 0xffn));
}
