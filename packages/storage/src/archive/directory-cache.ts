import fs from "node:fs";
import { fsPath } from "@containers/common/fs/raw-names";
import { readNames } from "@containers/common/fs/read-names";
import { O_DIRECTORY, O_PATH, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

const MAXIMUM_OPEN = 64;

/**
 * Open descriptors of directories below a root, by path. Looked up by the kernel with RESOLVE_IN_ROOT, so links on the way
 * are followed as in a chroot; dropped altogether whenever something is removed, because a path may then mean another directory.
 */
export class DirectoryCache {
  readonly #sys: Sys;
  readonly #rootFd: number;
  readonly #open = new Map<string, number>();
  #lastPath: string | undefined;
  #lastFd = -1;

  constructor(sys: Sys, rootFd: number) {
    this.#sys = sys;
    this.#rootFd = rootFd;
  }

  /** Descriptor of the directory that holds `path`, valid until the next call; `create` makes what is missing of it. */
  parentOf(path: string, create = false): number {
    const slash = path.lastIndexOf("/");
    return slash === -1 ? this.#rootFd : this.#directory(path.slice(0, slash), create);
  }

  /** Removes an entry and all below it; a missing one is no error. */
  remove(parent: number, name: string): void {
    fs.rmSync(fsPath(`/proc/self/fd/${parent}/${name}`), { recursive: true, force: true });
    this.close(parent);
  }

  /** Empties the directory `path` except for the paths in `keep` (relative to the root) and what leads to them. */
  clear(path: string, keep: ReadonlySet<string>): void {
    this.close();
    const prefix = path === "." ? "" : `${path}/`;
    const kept = new Set<string>();
    for (const one of keep) if (one.startsWith(prefix)) kept.add(one.slice(prefix.length).split("/")[0] ?? "");
    const fd = this.#openBelow(path);
    try {
      for (const name of readNames(`/proc/self/fd/${fd}`)) {
        if (!kept.has(name)) fs.rmSync(fsPath(`/proc/self/fd/${fd}/${name}`), { recursive: true, force: true });
        else if (!keep.has(`${prefix}${name}`)) this.clear(`${prefix}${name}`, keep);
      }
    } finally {
      this.#sys.close(fd);
    }
  }

  /** Closes all but `except`. */
  close(except = -1): void {
    for (const [path, fd] of this.#open) {
      if (fd === except) continue;
      this.#sys.close(fd);
      this.#open.delete(path);
    }
    this.#lastPath = undefined;
  }

  #directory(path: string, create: boolean): number {
    if (path === this.#lastPath) return this.#lastFd;
    let fd = this.#open.get(path);
    if (fd === undefined) {
      fd = create ? this.#openOrMake(path) : this.#openBelow(path);
      if (this.#open.size >= MAXIMUM_OPEN) this.#evict();
      this.#open.set(path, fd);
    }
    this.#lastPath = path;
    this.#lastFd = fd;
    return fd;
  }

  #openOrMake(path: string): number {
    try {
      return this.#openBelow(path);
    } catch (error) {
      if (errnoCode(error) !== "ENOENT") throw error;
    }
    const name = path.slice(path.lastIndexOf("/") + 1);
    const parent = this.parentOf(path, true);
    try {
      this.#sys.mkdirat(parent, name, 0o755);
      this.#sys.fchmodat(parent, name, 0o755);
    } catch (error) {
      if (errnoCode(error) !== "EEXIST") throw error;
    }
    return this.#openBelow(path);
  }

  #openBelow(path: string): number {
    return this.#sys.openat2(this.#rootFd, path, O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  }

  #evict(): void {
    for (const [path, fd] of this.#open) {
      if (fd === this.#lastFd) continue;
      this.#sys.close(fd);
      this.#open.delete(path);
      return;
    }
  }
}
