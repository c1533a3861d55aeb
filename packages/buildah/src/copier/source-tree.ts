import { readSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { hasWildcards, matchGlob } from "@containers/common/fs/glob";
import { readNames } from "@containers/common/fs/read-names";
import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_SYMLINKS,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from "@containers/common/sys/constants";
import { majorOf, minorOf } from "@containers/common/sys/device-number";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { type IgnoreRules, isIgnored, mayHoldExceptions } from "../containerfile/ignore-file.ts";
import type { CopyEntry } from "./entry.ts";

const CHUNK = 1 << 20;

/** A directory that files are copied out of. No symlink and no `..` leads out of it. */
export class SourceTree {
  private readonly sys: Sys;
  private readonly root: number;

  constructor(sys: Sys, root: string) {
    this.sys = sys;
    this.root = sys.openat2(-100, root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
  }

  close(): void {
    this.sys.close(this.root);
  }

  /** Paths (relative, sorted) that a pattern matches; one without wildcards must exist. */
  glob(pattern: string): string[] {
    const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
    let found: string[] = [""];
    for (const part of parts) {
      found = part === "**" ? found.flatMap((path) => this.descend(path)) : found.flatMap((path) => this.expand(path, part));
    }
    const paths = [...new Set(found.map((path) => (path === "" ? "." : path)))].sort();
    return paths.filter((path) => this.lstat(path) !== undefined);
  }

  /** The file behind the path, last symlink followed; undefined when there is none. */
  stat(path: string): Stat | undefined {
    return this.statWith(path, O_PATH | O_CLOEXEC);
  }

  lstat(path: string): Stat | undefined {
    return this.statWith(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
  }

  /** The first bytes of a file. */
  head(path: string, length: number): Uint8Array {
    for (const chunk of this.read({ dirfd: this.root, name: path, follow: true }, length)) return chunk.subarray(0, length);
    return new Uint8Array(0);
  }

  /** The whole of a file. */
  content(path: string): Iterable<Uint8Array> {
    return this.read({ dirfd: this.root, name: path, follow: true }, CHUNK);
  }

  /** A single file (under its own name), or everything in a directory (under names relative to it). */
  *entries(path: string, rules: IgnoreRules): Iterable<CopyEntry> {
    const stat = this.stat(path);
    if (stat === undefined) throw new ToolError("not-found", `${path}: no such file or directory`);
    const links = new Map<string, string>();
    if ((stat.mode & S_IFMT) !== S_IFDIR) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const entry = this.entry(stat, { dirfd: this.root, name: path, follow: true, as: name, links });
      if (entry !== undefined) yield entry;
      return;
    }
    const dirfd = this.sys.openat2(this.root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
    yield* this.walk({ dirfd, name: "", contextPath: path === "." ? "" : path }, rules, links);
  }

  private *walk(
    at: { dirfd: number; name: string; contextPath: string },
    rules: IgnoreRules,
    links: Map<string, string>,
  ): Iterable<CopyEntry> {
    try {
      for (const child of readNames(`/proc/self/fd/${at.dirfd}`).sort(compareNames)) {
        const name = at.name === "" ? child : `${at.name}/${child}`;
        const contextPath = at.contextPath === "" ? child : `${at.contextPath}/${child}`;
        const stat = this.sys.fstatat(at.dirfd, child, AT_SYMLINK_NOFOLLOW);
        const directory = (stat.mode & S_IFMT) === S_IFDIR;
        const ignored = isIgnored(rules, contextPath);
        if (ignored && !(directory && rules.hasExceptions && mayHoldExceptions(rules, contextPath))) continue;
        if (!ignored) {
          const entry = this.entry(stat, { dirfd: at.dirfd, name: child, follow: false, as: name, links });
          if (entry !== undefined) yield entry;
        }
        if (!directory) continue;
        const dirfd = this.sys.openat2(at.dirfd, child, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
        yield* this.walk({ dirfd, name, contextPath }, rules, links);
      }
    } finally {
      this.sys.close(at.dirfd);
    }
  }

  private entry(
    stat: Stat,
    place: { dirfd: number; name: string; follow: boolean; as: string; links: Map<string, string> },
  ): CopyEntry | undefined {
    const type = entryType(stat.mode);
    if (type === undefined) return undefined;
    const identity = `${stat.dev}:${stat.ino}`;
    const first = type === "file" && stat.nlink > 1 ? place.links.get(identity) : undefined;
    if (type === "file" && first === undefined) place.links.set(identity, place.as);
    const device = type === "char" || type === "block";
    return {
      name: place.as,
      type: first === undefined ? type : "hardlink",
      mode: stat.mode & 0o7777,
      uid: stat.uid,
      gid: stat.gid,
      size: type === "file" && first === undefined ? stat.size : 0,
      // Archives carry whole seconds, and what the original copies went through one.
      mtime: { sec: stat.mtimeNsec >= 5e8 ? stat.mtimeSec + 1 : stat.mtimeSec, nsec: 0 },
      linkName: first ?? (type === "symlink" ? this.sys.readlinkat(place.dirfd, place.name) : ""),
      deviceMajor: device ? majorOf(stat.rdev) : 0,
      deviceMinor: device ? minorOf(stat.rdev) : 0,
      xattrs: this.xattrs(place),
      content: () => this.read(place, Math.min(CHUNK, Math.max(stat.size, 1))),
    };
  }

  /** `user.*` and file capabilities travel; labels and ACLs belong to the machine. */
  private xattrs(place: { dirfd: number; name: string; follow: boolean }): ReadonlyMap<string, Uint8Array> {
    const path = `/proc/self/fd/${place.dirfd}/${place.name}`;
    if (place.follow) return new Map();
    const values = new Map<string, Uint8Array>();
    for (const name of this.sys.llistxattr(path)) {
      if (name !== "security.capability" && !name.startsWith("user.")) continue;
      const value = this.sys.lgetxattr(path, name);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }

  private *read(place: { dirfd: number; name: string; follow: boolean }, chunk: number): Iterable<Uint8Array> {
    const flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (place.follow ? 0 : O_NOFOLLOW);
    const fd = this.sys.openat2(place.dirfd, place.name, flags, 0, place.follow ? RESOLVE_IN_ROOT : RESOLVE_NO_SYMLINKS);
    try {
      const buffer = Buffer.allocUnsafe(chunk);
      for (;;) {
        const length = readSync(fd, buffer, 0, chunk, null);
        if (length === 0) return;
        yield buffer.subarray(0, length);
      }
    } finally {
      this.sys.close(fd);
    }
  }

  private expand(directory: string, part: string): string[] {
    const join = (name: string) => (directory === "" ? name : `${directory}/${name}`);
    if (!hasWildcards(part)) return [join(part.replace(/\\(.)/g, "$1"))];
    if (matchGlob(part, "") === undefined) throw new ToolError("invalid-argument", `${JSON.stringify(part)}: syntax error in pattern`);
    return this.list(directory)
      .filter((name) => matchGlob(part, name) === true)
      .map(join);
  }

  private descend(directory: string): string[] {
    const children = this.list(directory).map((name) => (directory === "" ? name : `${directory}/${name}`));
    const directories = children.filter((path) => ((this.lstat(path)?.mode ?? 0) & S_IFMT) === S_IFDIR);
    return [directory, ...directories.flatMap((path) => this.descend(path))];
  }

  private list(directory: string): string[] {
    let fd: number;
    try {
      fd = this.sys.openat2(this.root, directory === "" ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
    } catch (error) {
      if (errnoCode(error) === "ENOENT" || errnoCode(error) === "ENOTDIR") return [];
      throw error;
    }
    try {
      return readNames(`/proc/self/fd/${fd}`).sort(compareNames);
    } finally {
      this.sys.close(fd);
    }
  }

  private statWith(path: string, flags: number): Stat | undefined {
    let fd: number;
    try {
      fd = this.sys.openat2(this.root, path, flags, 0, RESOLVE_IN_ROOT);
    } catch (error) {
      const code = errnoCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw error;
    }
    try {
      return this.sys.fstatat(fd, "", AT_EMPTY_PATH);
    } finally {
      this.sys.close(fd);
    }
  }
}

function entryType(mode: number): Exclude<CopyEntry["type"], "hardlink"> | undefined {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "directory";
    case S_IFLNK:
      return "symlink";
    case S_IFCHR:
      return "char";
    case S_IFBLK:
      return "block";
    case S_IFIFO:
      return "fifo";
    // Sockets belong to the process that listens on them.
    default:
      return undefined;
  }
}

function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
