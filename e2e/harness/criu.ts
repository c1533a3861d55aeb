import { spawnSync } from "node:child_process";
import { systemProgram } from "./binaries.ts";

/**
 * Why this machine cannot checkpoint, as the reason of a skip; undefined when it can. It takes a criu that knows the kernel (4.0 or newer) and
 * a crun that was built with criu.
 */
export function cannotCheckpoint(): string | undefined {
  const criu = systemProgram("criu");
  if (criu === undefined) return "criu is not installed";
  const version = /Version:\s*(\d+)\.(\d+)/.exec(output(criu, "--version"));
  if (Number(version?.[1] ?? 0) < 4) return `criu ${version?.[1]}.${version?.[2]} is older than this kernel`;
  const crun = systemProgram("crun");
  if (crun === undefined) return "crun is not installed";
  return output(crun, "--version").includes("+CRIU") ? undefined : "crun was built without criu";
}

function output(program: string, ...args: string[]): string {
  return spawnSync(program, args, { encoding: "utf8" }).stdout;
}
