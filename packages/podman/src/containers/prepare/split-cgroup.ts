import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerConfig } from "../config.ts";

/** Below the cgroup that podman was called in: its processes, the monitor's among them. */
const OWN_PART = "runtime";

const ROOT = "/sys/fs/cgroup";

export function isSplit(config: Pick<ContainerConfig, "resources">): boolean {
  return config.resources.cgroups === "split";
}

/**
 * The container's cgroup with `--cgroups=split`: below that of this process, which is a service's. Only the leaves of the tree may hold processes
 * where limits are, so those that are there already go into a part of their own first, see {@link moveAside}.
 *
 * @throws invalid-state outside of any cgroup
 */
export function splitCgroupPath(id: string, text = readFileSync("/proc/self/cgroup", "utf8")): string {
  const own = (/^0::(.*)$/m.exec(existsSync(`${ROOT}/cgroup.controllers`) ? text : "") ?? /^\d+:name=systemd:(.*)$/m.exec(text))?.[1];
  const parent = own?.endsWith(`/${OWN_PART}`) === true ? own.slice(0, -OWN_PART.length - 1) : own;
  if (parent === undefined || parent === "/" || parent === "")
    throw new ToolError("invalid-state", "cannot split the cgroup that podman was called in: it is the root of the hierarchy");
  return `${parent}/libpod-payload-${id}`;
}

/** Moves every process of this one's cgroups one step down, into `runtime`. */
export function moveAside(text = readFileSync("/proc/self/cgroup", "utf8")): void {
  for (const line of text.split("\n")) {
    const [, controllers, path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === "/" || path.endsWith(`/${OWN_PART}`)) continue;
    const directory = `${hierarchy(controllers)}${path}`;
    if (!existsSync(`${directory}/cgroup.procs`)) continue;
    const target = `${directory}/${OWN_PART}`;
    mkdirSync(target, { recursive: true });
    for (const pid of readFileSync(`${directory}/cgroup.procs`, "utf8").split("\n")) if (pid !== "") join(target, pid);
  }
}

function hierarchy(controllers: string): string {
  if (controllers === "") return existsSync(`${ROOT}/cgroup.controllers`) ? ROOT : `${ROOT}/unified`;
  return `${ROOT}/${controllers.replace(/^name=/, "")}`;
}

/** One that has ended meanwhile is no error. */
function join(directory: string, pid: string): void {
  try {
    writeFileSync(`${directory}/cgroup.procs`, pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
