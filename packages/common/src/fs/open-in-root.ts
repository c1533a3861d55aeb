import { closeSync, fstatSync, readlinkSync, readSync } from "node:fs";
import { AT_FDCWD, O_CREAT, O_DIRECTORY, O_NONBLOCK, O_PATH, O_RDONLY, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from "../sys/constants.ts";
import { errnoNumber } from "../sys/errno.ts";
import type { Sys } from "../sys/sys.ts";
import { errnoCode, SysError } from "../sys/sys-error.ts";

const LARGEST_READ = 16 * 1024 * 1024;
/** Beyond this many links a path is taken for a loop, as the kernel does. */
const MOST_LINKS = 40;

/**
 * Opens `path` as a process with `root` as its root directory would see it: absolute links and `..` stay inside.
 * The caller closes the descriptor. Throws SysError.
 */
export function openInRoot(sys: Sys, root: string, path: string, flags: number, mode = 0): number {
  const rootFd = sys.openat2(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0, 0);
  try {
    return openBelow(sys, rootFd, path, { flags, mode });
  } finally {
    sys.close(rootFd);
  }
}

/**
 * The path on the host that `path` means inside `root`, every symlink resolved. Components that do not exist are kept as
 * they are. For messages and for mount targets inside a tree that nobody else writes to; whoever opens a file uses {@link openInRoot}.
 */
export function resolveInRoot(sys: Sys, root: string, path: string): string {
  const rootFd = sys.openat2(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0, 0);
  try {
    return resolveBelow(sys, rootFd, path);
  } finally {
    sys.close(rootFd);
  }
}

/** The content of a regular file inside `root`; undefined when there is none. Throws EFBIG beyond `maxBytes` (16 MiB unless told). */
export function readFileInRoot(sys: Sys, root: string, path: string, maxBytes = LARGEST_READ): Buffer | undefined {
  const fd = openIfPresent(sys, root, path);
  if (fd === undefined) return undefined;
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    if (stat.size > maxBytes) {
      throw new SysError({ errno: errnoNumber("EFBIG"), code: "EFBIG", text: `larger than ${maxBytes} bytes`, syscall: "read", path });
    }
    const content = Buffer.alloc(stat.size);
    let length = 0;
    while (length < content.length) {
      const count = readSync(fd, content, length, content.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return content.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** Makes a directory inside `root` and those above it; existing ones, also behind links, are left as they are. */
export function mkdirAllInRoot(sys: Sys, root: string, path: string, mode = 0o755): void {
  const rootFd = sys.openat2(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0, 0);
  try {
    makeBelow(sys, rootFd, { path, mode, links: 0 });
  } finally {
    sys.close(rootFd);
  }
}

/** {@link openInRoot} below a directory that is open: for many files of one tree. */
export function openBelow(sys: Sys, rootFd: number, path: string, how: { readonly flags: number; readonly mode?: number }): number {
  const creates = (how.flags & O_CREAT) !== 0;
  return sys.openat2(rootFd, path === "" ? "." : path, how.flags, creates ? (how.mode ?? 0) : 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

function openIfPresent(sys: Sys, root: string, path: string): number | undefined {
  try {
    // without O_NONBLOCK a fifo in an image would hold us here for ever
    return openInRoot(sys, root, path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The kernel resolves the part that exists; behind that, `..` can only take back a name that does not. */
function resolveBelow(sys: Sys, rootFd: number, path: string): string {
  const existing: string[] = [];
  const missing: string[] = [];
  for (const part of path.split("/").filter((name) => name !== "" && name !== ".")) {
    if (missing.length > 0 && part === "..") missing.pop();
    else if (missing.length > 0 || !exists(sys, rootFd, [...existing, part].join("/"))) missing.push(part);
    else existing.push(part);
  }
  const fd = openBelow(sys, rootFd, existing.join("/"), { flags: O_PATH, mode: 0 });
  const found = descriptorPath(fd);
  sys.close(fd);
  return [found === "/" ? "" : found, ...missing].join("/") || "/";
}

function exists(sys: Sys, rootFd: number, path: string): boolean {
  try {
    sys.close(openBelow(sys, rootFd, path, { flags: O_PATH, mode: 0 }));
    return true;
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return false;
    throw error;
  }
}

function descriptorPath(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}

function makeBelow(sys: Sys, rootFd: number, request: { path: string; mode: number; links: number }): void {
  const done: string[] = [];
  for (const part of request.path.split("/").filter((name) => name !== "" && name !== ".")) {
    const parent = openBelow(sys, rootFd, done.join("/"), { flags: O_PATH | O_DIRECTORY, mode: 0 });
    try {
      if (part !== "..") makeOne(sys, rootFd, { parent, done, part, mode: request.mode, links: request.links });
    } finally {
      sys.close(parent);
    }
    done.push(part);
  }
}

interface Step {
  readonly parent: number;
  readonly done: readonly string[];
  readonly part: string;
  readonly mode: number;
  readonly links: number;
}

function makeOne(sys: Sys, rootFd: number, step: Step): void {
  try {
    sys.mkdirat(step.parent, step.part, step.mode);
  } catch (error) {
    if (errnoCode(error) !== "EEXIST") throw error;
    makeLinkTarget(sys, rootFd, step);
  }
}

/** A link whose target is missing: the target is made, inside the root, as `mkdir -p` through the link would want it. */
function makeLinkTarget(sys: Sys, rootFd: number, step: Step): void {
  const here = [...step.done, step.part].join("/");
  try {
    sys.close(openBelow(sys, rootFd, here, { flags: O_PATH | O_DIRECTORY, mode: 0 }));
  } catch (error) {
    if (errnoCode(error) !== "ENOENT" || step.links >= MOST_LINKS) throw error;
    const target = sys.readlinkat(step.parent, step.part);
    const path = target.startsWith("/") ? target : [...step.done, target].join("/");
    makeBelow(sys, rootFd, { path, mode: step.mode, links: step.links + 1 });
  }
}
