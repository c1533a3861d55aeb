import { readdirSync } from "node:fs";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
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
  S_IFDIR,
  S_IFMT,
} from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/** A directory of a lower layer that was copied up only because a mount target was made in it. */
export interface PulledUpDirectory {
  readonly path: string;
  readonly stat: Stat;
}

/**
 * Files and directories that exist in a container only so that something can be mounted on them. They must not end up
 * in the image: {@link remove} takes them away again, and sets the times of their parents back.
 */
export class MountTargets {
  private readonly sys: Sys;
  private readonly root: number;
  private readonly made: Array<{ readonly path: string; readonly directory: boolean }> = [];
  /** Directories in which something was made: as they were before, and as they were left. */
  private readonly parents = new Map<string, { readonly before: Stat; readonly left: Stat }>();

  constructor(sys: Sys, rootfs: string) {
    this.sys = sys;
    this.root = sys.openat2(AT_FDCWD, rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
  }

  /** Makes sure that there is something to mount on; `directory` says of which kind. */
  ensure(path: string, directory: boolean): void {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    let done = "";
    parts.forEach((part, index) => {
      const parent = done === "" ? "." : done;
      done = done === "" ? part : `${done}/${part}`;
      if (this.stat(done) !== undefined) return;
      this.make(parent, part, directory || index < parts.length - 1);
    });
  }

  /** Makes directories of the root that stay in the image. The runtime would make a missing `/dev` with the mode of a tmpfs. */
  ensureKept(names: readonly string[]): void {
    for (const name of names) if (this.stat(name) === undefined) this.sys.mkdirat(this.root, name, 0o755);
  }

  /** Directories that were copied up by {@link ensure}, when they look as before: a commit leaves them out. */
  remove(): PulledUpDirectory[] {
    const untouched = new Set([...this.parents].filter(([path, { left }]) => sameTime(this.stat(path), left)).map(([path]) => path));
    for (const { path, directory } of [...this.made].reverse()) this.removeIfEmpty(path, directory);
    const pulledUp: PulledUpDirectory[] = [];
    for (const [path, { before: stat }] of this.parents) {
      if (this.made.some((made) => made.path === path)) continue;
      // What was run may have made or removed something there: then the time tells that.
      if (untouched.has(path)) this.restoreTimes(path, stat);
      pulledUp.push({ path, stat });
    }
    this.made.length = 0;
    return pulledUp;
  }

  close(): void {
    this.sys.close(this.root);
  }

  private make(parent: string, name: string, directory: boolean): void {
    const fd = this.sys.openat2(this.root, parent, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
    try {
      const before = this.parents.get(parent)?.before ?? this.sys.fstatat(fd, "", AT_EMPTY_PATH);
      if (directory) this.sys.mkdirat(fd, name, 0o755);
      else this.sys.close(this.sys.openat2(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644, 0));
      // The descriptor may show the directory of a layer below, which this made a copy of.
      this.parents.set(parent, { before, left: this.stat(parent) ?? before });
      this.made.push({ path: parent === "." ? name : `${parent}/${name}`, directory });
    } finally {
      this.sys.close(fd);
    }
  }

  private removeIfEmpty(path: string, directory: boolean): void {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const parent = this.open(slash === -1 ? "." : path.slice(0, slash));
    if (parent === undefined) return;
    try {
      const stat = this.sys.fstatat(parent, name, AT_SYMLINK_NOFOLLOW);
      // What was run put something there: then it is its own, and stays.
      if (directory ? (stat.mode & S_IFMT) !== S_IFDIR || this.children(path) > 0 : stat.size > 0) return;
      this.sys.unlinkat(parent, name, directory ? AT_REMOVEDIR : 0);
    } catch (error) {
      if (errnoCode(error) !== "ENOENT") throw error;
    } finally {
      this.sys.close(parent);
    }
  }

  private children(path: string): number {
    const fd = this.sys.openat2(this.root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
    try {
      return readdirSync(`/proc/self/fd/${fd}`).length;
    } finally {
      this.sys.close(fd);
    }
  }

  private restoreTimes(path: string, stat: Stat): void {
    const fd = this.open(path);
    if (fd === undefined) return;
    try {
      const time = { sec: stat.mtimeSec, nsec: stat.mtimeNsec };
      this.sys.utimensat(fd, ".", time, time, 0);
    } finally {
      this.sys.close(fd);
    }
  }

  private open(path: string): number | undefined {
    try {
      return this.sys.openat2(this.root, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
    } catch (error) {
      if (errnoCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  private stat(path: string): Stat | undefined {
    try {
      const fd = this.sys.openat2(this.root, path, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
      try {
        return this.sys.fstatat(fd, "", AT_EMPTY_PATH);
      } finally {
        this.sys.close(fd);
      }
    } catch (error) {
      if (errnoCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}

function sameTime(now: Stat | undefined, then: Stat): boolean {
  return now !== undefined && now.mtimeSec === then.mtimeSec && now.mtimeNsec === then.mtimeNsec;
}
