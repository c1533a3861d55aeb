import { readFileSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import { earlyEntry, type FailedJoin, JOIN, SINGLE_THREADED } from "./early-entry.ts";
import { isInsideUserNamespace } from "./rootless.ts";

const CAP_SYS_ADMIN = 21;

/**
 * Puts an ordinary user's process into the namespace where that user is root, starting one if need be. The first
 * call replaces the process by itself (single-threaded, as setns demands) and so does not return; in that second
 * process {@link earlyEntry} joins, and this returns at once. Does nothing for root with CAP_SYS_ADMIN and inside a
 * namespace that was entered before.
 */
export function ensureUserNamespace(sys: Sys = linuxSys()): void {
  // Run from source, where no entry file has done it.
  const failed = earlyEntry(undefined, sys);
  if (failed !== undefined) retryEntry(failed);
  if (!needsUserNamespace()) return;
  replaceSelf(sys, 1);
}

/**
 * What to do with the answer of {@link earlyEntry}: a namespace that cannot be joined (a recycled pid, somebody
 * else's making) is forgotten and another started, once.
 */
export function retryEntry(failed: FailedJoin): never {
  if (failed.attempt !== 1) throw new ToolError("denied", "cannot join the user namespace of the pause process", { cause: failed.cause });
  const { forgetPauseProcess }: typeof import("./pause-process.ts") = require("./pause-process.ts");
  const { ensureRuntimeDir }: typeof import("./runtime-dir.ts") = require("./runtime-dir.ts");
  forgetPauseProcess(ensureRuntimeDir());
  replaceSelf(linuxSys(), 2);
}

/** Whether this process lacks the rights that the tools need, so that it must become root in a namespace of its own. */
export function needsUserNamespace(): boolean {
  if (isInsideUserNamespace()) return false;
  return process.geteuid?.() !== 0 || !hasSysAdmin(readFileSync("/proc/self/status", "utf8"));
}

/** Reads CapEff of a /proc/PID/status text. */
export function hasSysAdmin(status: string): boolean {
  const at = status.indexOf("\nCapEff:");
  if (at === -1) return false;
  const effective = status.slice(at, status.indexOf("\n", at + 1)).trim();
  return ((Number.parseInt(effective.slice(-8), 16) >> CAP_SYS_ADMIN) & 1) === 1;
}

/** What it takes is loaded here: root never comes so far. */
function replaceSelf(sys: Sys, attempt: number): never {
  const { inheritedDescriptors }: typeof import("../sys/inherited-descriptors.ts") = require("../sys/inherited-descriptors.ts");
  const { openHeldNamespaces }: typeof import("./pause-process.ts") = require("./pause-process.ts");
  const { ensureRuntimeDir }: typeof import("./runtime-dir.ts") = require("./runtime-dir.ts");
  const runtimeDir = ensureRuntimeDir();
  const held = openHeldNamespaces(sys, runtimeDir, (message) => process.stderr.write(`Warning: ${message}\n`));
  sys.setCloseOnExec(held.user, false);
  sys.setCloseOnExec(held.mount, false);
  if (mayPassDescriptors()) for (const fd of inheritedDescriptors()) sys.setCloseOnExec(fd, false);
  const env = Object.entries(process.env).flatMap(([key, value]) =>
    value === undefined || (key === "HOME" && value === "") ? [] : [`${key}=${value}`],
  );
  const home = process.env["HOME"] ? undefined : homeOf(process.geteuid?.() ?? 0);
  if (home !== undefined) env.push(`HOME=${home}`);
  env.push(...SINGLE_THREADED, `${JOIN}=${held.user}:${held.mount}:${attempt}`);
  // The kernel's copy: process.argv has been rewritten by the runtime, and argv[0] chooses the program.
  const argv = readFileSync("/proc/self/cmdline", "utf8").replace(/\0$/, "").split("\0");
  sys.execve(process.execPath, argv, env);
}

/** The caller's further descriptors are for a container: of socket activation, or named on the command line. */
function mayPassDescriptors(): boolean {
  return process.env["LISTEN_FDS"] !== undefined || process.argv.some((argument) => argument.startsWith("--preserve-fd"));
}

/** A user's home directory out of /etc/passwd. Asked before the namespace is entered: in there everybody is root. */
function homeOf(uid: number): string | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.split(":")[2] === String(uid));
  return line?.split(":")[5];
}
