import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { callProgram } from "@containers/common/oci-runtime/call-program";
import type { OciRuntime } from "@containers/common/oci-runtime/runtime";
import { findExecutable } from "@containers/common/process/find-executable";

/** The oldest criu that can checkpoint a container, as criu numbers its versions: 3.11. */
export const CRIU_FOR_CONTAINERS = 31_100;
/** The oldest that can restore into a pod: 3.16. */
export const CRIU_FOR_PODS = 31_600;

/**
 * The version of the installed criu as a number (4.2.1 is 40201), when it is new enough.
 * @throws unavailable, with what to install
 */
export function requireCriu(minimum: number): number {
  const path = findExecutable("criu");
  if (path === undefined)
    throw new ToolError("unavailable", "criu is not installed", { hint: "install the package criu", code: "criu-missing" });
  const { stdout } = callProgram(path, ["--version"]);
  const found = /Version:\s*(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout);
  if (found === null) throw new ToolError("unavailable", `${path} does not tell its version`, { code: "criu-missing" });
  const [, major = "0", minor = "0", patch = "0"] = found;
  const version = Number(major) * 10_000 + Number(minor) * 100 + Number(patch);
  if (version < minimum)
    throw new ToolError("unavailable", `checkpoint/restore requires at least CRIU ${minimum}, current version is ${version}`, {
      code: "criu-too-old",
      hint: "install a newer criu",
    });
  return version;
}

/** `4.2.1` for 40201. */
export function criuVersionText(version: number): string {
  return [Math.floor(version / 10_000), Math.floor(version / 100) % 100, version % 100].join(".");
}

/** @throws unsupported when the runtime cannot checkpoint at all */
export function requireRuntimeSupport(runtime: OciRuntime): void {
  if (!runtime.supportsCheckpoint())
    throw new ToolError("unsupported", `the runtime ${runtime.name} does not support checkpoint/restore`, {
      hint: "crun built with criu, or runc, does",
    });
}

/** Whether the kernel tells criu which pages were written since the last dump. */
export function tracksMemory(): boolean {
  const path = findExecutable("criu");
  return path !== undefined && callProgram(path, ["check", "--feature", "mem_dirty_track"]).exitCode === 0;
}

/** Why criu gave up: the first error of its log that matters; undefined without one. */
export function firstCriuError(logPath: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(logPath, "utf8");
  } catch {
    return undefined;
  }
  const errors = text.split("\n").flatMap((line) => /Error \([^)]*\): (.*)$/.exec(line)?.[1] ?? []);
  // criu goes on without more open files; what follows the first complaint is its consequence.
  return errors.find((message) => !message.includes("RLIMIT_NOFILE for self"));
}
