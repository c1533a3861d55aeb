import { closeSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { CLONE_NEWNS, CLONE_NEWUSER } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import { ROOTLESS_GID, ROOTLESS_UID, USERNS_CONFIGURED } from "./rootless.ts";
import { holdUserNamespace } from "./userns-holder.ts";

/**
 * Starts a process single-threaded, without which unshare and setns of a user namespace fail with EINVAL: no
 * compiler threads, and no thread that warms up the heap (which starts in programs beyond some size, and brings the allocator's).
 */
export const SINGLE_THREADED: readonly string[] = ["BUN_JSC_useConcurrentJIT=0", "BUN_JSC_useWarmUpMarkedBlocks=0"];

/** Carries the descriptors of the namespaces across the execve: `USER:MOUNT:ATTEMPT`. */
export const JOIN = "_CONTAINERS_USERNS_JOIN";

export const HOLDER_ENTRY = "userns-holder";

/** Thrown by {@link earlyEntry} when the namespace cannot be joined; the namespaces' pid file is stale then. */
export interface FailedJoin {
  readonly attempt: number;
  readonly cause: unknown;
}

/**
 * What must happen before anything else in the process, while it has one thread: even a dynamic import starts
 * more. Joins the user namespace when {@link JOIN} asks for it, or becomes the holder of one. The executables call it
 * first, from a static import; it costs one look at the environment and the first argument otherwise.
 * Returns a {@link FailedJoin} instead of throwing, so that the caller can start again.
 */
export function earlyEntry(firstArgument: string | undefined, sys?: Sys): FailedJoin | undefined {
  if (firstArgument === `__${HOLDER_ENTRY}`) holdUserNamespace(sys ?? linuxSys());
  const token = process.env[JOIN];
  if (token === undefined) return undefined;
  delete process.env[JOIN];
  // Only this process must be single-threaded, not the programs that it starts.
  for (const setting of SINGLE_THREADED) delete process.env[setting.slice(0, setting.indexOf("="))];
  return joinUserNamespace(sys ?? linuxSys(), token.split(":").map(Number));
}

function joinUserNamespace(sys: Sys, [user, mount, attempt]: readonly number[]): FailedJoin | undefined {
  if (user === undefined || mount === undefined || attempt === undefined)
    throw new ToolError("invalid-argument", `${JOIN} is not set by hand`);
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  const directory = workingDirectory();
  try {
    sys.setns(user, CLONE_NEWUSER);
  } catch (cause) {
    closeSync(user);
    closeSync(mount);
    return { attempt, cause };
  }
  sys.setns(mount, CLONE_NEWNS);
  closeSync(user);
  closeSync(mount);
  sys.setresgid(0, 0, 0);
  sys.setresuid(0, 0, 0);
  // setns of a mount namespace moves to its root.
  process.chdir(directory);
  process.env[USERNS_CONFIGURED] = "done";
  process.env[ROOTLESS_UID] = String(uid);
  process.env[ROOTLESS_GID] = String(gid);
  return undefined;
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}
