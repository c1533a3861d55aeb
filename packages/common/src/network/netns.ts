import { closeSync, existsSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError } from "../errors/tool-error.ts";
import { isRootless } from "../rootless/rootless.ts";
import { ensureRuntimeDir } from "../rootless/runtime-dir.ts";
import { CLONE_NEWNET, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import { errnoCode } from "../sys/sys-error.ts";
import { ACCEPT_DAD, exchange, netnsAction, usableAddresses } from "./netns-helper.ts";

const NSFS_MAGIC = 0x6e736673;
const THREAD_NETNS = "/proc/thread-self/ns/net";

/** Where named network namespaces are mounted: /run/netns, or netns in the user's run-time directory. */
export function netnsDirectory(env: Record<string, string | undefined> = process.env): string {
  return isRootless(env) ? `${ensureRuntimeDir(env)}/netns` : "/run/netns";
}

/**
 * Makes a network namespace that lives until {@link removeNetns}: an nsfs mount, with loopback up. Synchronous, because as
 * root this very thread is in the new namespace for a moment; nothing else may run meanwhile.
 * Returns its path, `…/netns-UUID` unless one is given.
 */
export function createNetns(path?: string, sys: Sys = linuxSys()): string {
  const directory = netnsDirectory();
  if (path === undefined || path.startsWith(`${directory}/`)) prepareDirectory(sys, directory);
  const target = path ?? `${directory}/netns-${crypto.randomUUID()}`;
  if (dirname(target) === directory) prepareDirectory(sys, directory);
  closeSync(openSync(target, "wx", 0o444));
  try {
    if (isRootless()) netnsAction("create", [target]);
    else unshareHere(sys, target);
  } catch (error) {
    rmSync(target, { force: true });
    throw new ToolError(errnoCode(error) === "EPERM" ? "denied" : "internal", `cannot create a network namespace at ${target}`, {
      cause: error,
    });
  }
  return target;
}

/** Gives a namespace that somebody else made (`source`: a /proc path) a path like those of {@link createNetns}; returns it. */
export function keepNetns(source: string, target: string, sys: Sys = linuxSys()): string {
  prepareDirectory(sys, netnsDirectory());
  closeSync(openSync(target, "wx", 0o444));
  try {
    sys.mount(source, target, "none", MS_BIND, null);
  } catch (error) {
    rmSync(target, { force: true });
    throw new ToolError("internal", `cannot keep the network namespace ${source} at ${target}`, { cause: error });
  }
  return target;
}

function unshareHere(sys: Sys, target: string): void {
  const home = openSync(THREAD_NETNS, "r");
  try {
    sys.unshare(CLONE_NEWNET);
    try {
      sys.setInterfaceUp("lo");
      sys.mount(THREAD_NETNS, target, "none", MS_BIND, null);
    } finally {
      sys.setns(home, CLONE_NEWNET);
    }
  } finally {
    closeSync(home);
  }
}

/** Unmounts and removes what {@link createNetns} made; its interfaces go with it. Does nothing when it is gone. */
export function removeNetns(path: string, sys: Sys = linuxSys()): void {
  try {
    sys.umount2(path, MNT_DETACH);
  } catch (error) {
    // EINVAL: the file is there but nothing is mounted on it (a kill between the two steps of createNetns, or a reboot).
    const code = errnoCode(error);
    if (code !== "ENOENT" && code !== "EINVAL")
      throw new ToolError("internal", `cannot unmount the network namespace ${path}`, { cause: error });
  }
  rmSync(path, { force: true });
}

/** True when a live namespace is mounted at the path. */
export function isNetns(path: string, sys: Sys = linuxSys()): boolean {
  try {
    return existsSync(path) && sys.statfs(path).type === NSFS_MAGIC;
  } catch {
    return false;
  }
}

/** The addresses that can be used in a namespace. */
export function netnsAddresses(path: string, sys: Sys = linuxSys()): string[] {
  if (!isRootless()) return withNetns(path, usableAddresses, sys);
  return netnsAction("addresses", [path])
    .split("\n")
    .filter((address) => address !== "");
}

/** Switches duplicate address detection of interfaces to come; answers the old value, or nothing without IPv6. */
export function setAcceptDad(path: string, value: string, sys: Sys = linuxSys()): string {
  if (!isRootless()) return withNetns(path, () => exchange(ACCEPT_DAD, value), sys);
  return netnsAction("accept-dad", [path, value]);
}

/** Runs `fn`, which must be synchronous, with this thread inside the namespace. Root only: an ordinary user's thread could not come back. */
function withNetns<T>(path: string, fn: () => T, sys: Sys = linuxSys()): T {
  const home = openSync(THREAD_NETNS, "r");
  const target = openSync(path, "r");
  try {
    sys.setns(target, CLONE_NEWNET);
    try {
      return fn();
    } finally {
      sys.setns(home, CLONE_NEWNET);
    }
  } finally {
    closeSync(target);
    closeSync(home);
  }
}

/** The directory must be a shared mount, so that the namespaces in it are seen (and released) in containers that mount /run. */
function prepareDirectory(sys: Sys, directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  try {
    sys.mount("", directory, "none", MS_SHARED | MS_REC, null);
  } catch (error) {
    if (errnoCode(error) !== "EINVAL") throw error;
    sys.mount(directory, directory, "none", MS_BIND | MS_REC, null);
    sys.mount("", directory, "none", MS_SHARED | MS_REC, null);
  }
}
