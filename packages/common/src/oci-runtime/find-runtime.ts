import { accessSync, constants } from "node:fs";
import { basename } from "node:path";
import { readCgroupLayout } from "../cgroups/cgroup-layout.ts";
import { ToolError } from "../errors/tool-error.ts";
import { execRuntime } from "./exec-runtime.ts";
import type { OciRuntime } from "./runtime.ts";

/** What of containers.conf decides which runtime is used. */
export interface RuntimeChoice {
  /** Name in {@link paths}, or a path; absent: the best one found. */
  readonly name?: string;
  /** containers.conf `[engine.runtimes]`: where each may be. */
  readonly paths?: Readonly<Record<string, readonly string[]>>;
  /** `--runtime-flag`, without the dashes. */
  readonly flags?: readonly string[];
  readonly cgroupManager?: "systemd" | "cgroupfs";
}

const DIRECTORIES = ["/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/bin", "/sbin", "/run/current-system/sw/bin"];

/**
 * The OCI runtime to use. crun is preferred (it is the fastest); runc stands in where the host's cgroup layout makes crun
 * refuse. unavailable, naming the package to install, when there is none; invalid-argument when a named one is missing.
 */
export function findRuntime(choice: RuntimeChoice = {}): OciRuntime {
  const globalArguments = [
    ...(choice.cgroupManager === "systemd" ? ["--systemd-cgroup"] : []),
    ...(choice.flags ?? []).map((flag) => `--${flag}`),
  ];
  if (choice.name !== undefined && choice.name !== "") {
    const path = choice.name.includes("/") ? executable(choice.name) : locate(choice.name, choice.paths);
    if (path === undefined) throw missing(choice.name);
    return execRuntime({ name: basename(choice.name), path, globalArguments });
  }
  for (const name of preferredRuntimes()) {
    const path = locate(name, choice.paths);
    if (path !== undefined) return execRuntime({ name, path, globalArguments });
  }
  throw new ToolError("unavailable", "no OCI runtime found: neither crun nor runc is installed", {
    hint: "install the package crun",
    code: "runtime-missing",
  });
}

function preferredRuntimes(): readonly string[] {
  return readCgroupLayout().hybridControllers ? ["runc", "crun"] : ["crun", "runc", "youki", "kata"];
}

function locate(name: string, paths: RuntimeChoice["paths"]): string | undefined {
  const configured = paths?.[name]?.map(executable).find((path) => path !== undefined);
  if (configured !== undefined) return configured;
  return [...DIRECTORIES, ...(process.env["PATH"] ?? "").split(":")]
    .filter((directory) => directory.startsWith("/"))
    .map((directory) => executable(`${directory}/${name}`))
    .find((path) => path !== undefined);
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

function missing(name: string): ToolError {
  return new ToolError("invalid-argument", `no valid executable found for OCI runtime ${name}: invalid argument`, {
    code: "runtime-missing",
    ...(name.includes("/") ? {} : { hint: `install the package ${name}` }),
  });
}
