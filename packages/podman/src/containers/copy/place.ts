import {
  AT_EMPTY_PATH,
  O_DIRECTORY,
  O_PATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  S_IFDIR,
  S_IFMT,
} from "@containers/common/sys/constants";
import { errnoNumber } from "@containers/common/sys/errno";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { errnoCode, SysError } from "@containers/common/sys/sys-error";

/** As the kernel: beyond this many links a path is a loop. */
const MOST_LINKS = 40;

/** A directory that paths are resolved in as if it were `/`. */
export interface Root {
  /** Descriptor of the directory; whoever opened the root closes it. */
  readonly fd: number;
}

/** Where a path leads inside a root. */
export interface Place {
  readonly root: Root;
  /** Absolute inside the root, every link of it resolved. */
  readonly path: string;
  /** Absent when nothing is there. */
  readonly stat: Stat | undefined;
}

export function isDirectory(stat: Stat | undefined): boolean {
  return stat !== undefined && (stat.mode & S_IFMT) === S_IFDIR;
}

/** Opens what a place names, never leaving its root: the name may mean something else by now, but nothing outside. */
export function openPlace(sys: Sys, root: Root, path: string, flags: number): number {
  return sys.openat2(root.fd, path === "/" ? "." : path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/** Finds out where a path leads. Only missing names are no error; the place then has the rest of the path as it was given. */
export function findPlace(sys: Sys, root: Root, path: string): Place {
  const canonical = canonicalPath(sys, root, path);
  return { root, path: canonical, stat: statOf(sys, root, canonical) };
}

function statOf(sys: Sys, root: Root, path: string): Stat | undefined {
  let fd: number;
  try {
    fd = openPlace(sys, root, path, O_PATH);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    return sys.fstatat(fd, "", AT_EMPTY_PATH);
  } finally {
    sys.close(fd);
  }
}

/** The path without links, `.` and `..`; needed for the name that a copy gets, and to see below which mount it is. */
export function canonicalPath(sys: Sys, root: Root, path: string): string {
  const done: string[] = [];
  const todo = parts(path);
  let links = 0;
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === "..") {
      done.pop();
      continue;
    }
    const target = linkTarget(sys, root, { directory: `/${done.join("/")}`, name: part });
    if (target === undefined) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS)
      throw new SysError({
        errno: errnoNumber("ELOOP"),
        code: "ELOOP",
        text: "too many levels of symbolic links",
        syscall: "readlinkat",
        path,
      });
    if (target.startsWith("/")) done.length = 0;
    todo.unshift(...parts(target));
  }
  return `/${done.join("/")}`;
}

function parts(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** Undefined for what is no link, or not there. */
function linkTarget(sys: Sys, root: Root, at: { readonly directory: string; readonly name: string }): string | undefined {
  let fd: number;
  try {
    fd = openPlace(sys, root, at.directory, O_PATH | O_DIRECTORY);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    return sys.readlinkat(fd, at.name);
  } catch (error) {
    const code = errnoCode(error);
    // EINVAL: no link.
    if (code === "EINVAL" || code === "ENOENT") return undefined;
    throw error;
  } finally {
    sys.close(fd);
  }
}
