import { CGROUP2_SUPER_MAGIC } from "@containers/common/sys/constants";
import { reason } from "../diagnostics.ts";
import { readText } from "../files.ts";
import { watchOomV1 } from "./cgroup-v1.ts";
import { watchOomV2 } from "./cgroup-v2.ts";
import type { OomPorts } from "./oom-ports.ts";

const CGROUP_ROOT = "/sys/fs/cgroup";

/**
 * Watches the container's memory cgroup. The answer is a last look, for when the container has ended. Never fails: without
 * a memory controller there is nothing to see.
 */
export function watchOom(ports: OomPorts, pid: number): () => void {
  try {
    const cgroups = readText(ports.sys, `/proc/${pid}/cgroup`);
    const unified = ports.sys.statfs(CGROUP_ROOT).type === CGROUP2_SUPER_MAGIC;
    const path = unified ? unifiedPath(cgroups) : controllerPath(cgroups, "memory");
    if (path === undefined) return () => undefined;
    return unified ? watchOomV2(ports, `${CGROUP_ROOT}${path}`) : watchOomV1(ports, `${CGROUP_ROOT}/memory${path}`);
  } catch (error) {
    ports.diagnostics.debug(`no OOM monitoring: ${reason(error)}`);
    return () => undefined;
  }
}

/** The path of the `0::` line; legacy lines may stand beside it. */
export function unifiedPath(cgroups: string): string | undefined {
  return /^0::(.*)$/m.exec(cgroups)?.[1];
}

/** The path in the hierarchy that holds `controller`, from lines like `5:cpu,memory:/path`. */
export function controllerPath(cgroups: string, controller: string): string | undefined {
  for (const line of cgroups.split("\n")) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match?.[1]?.split(",").includes(controller)) return match[2];
  }
  return undefined;
}
