import { existsSync, readFileSync } from "node:fs";

/** How the host mounts its control groups. */
export interface CgroupLayout {
  /** 2: the unified hierarchy only. 1: one hierarchy per controller, with or without a unified one beside. */
  readonly version: 1 | 2;
  /**
   * A v1 host whose v2 hierarchy still owns controllers. crun refuses such a host
   * (https://github.com/containers/crun: "cgroups in hybrid mode not supported"), runc does not.
   */
  readonly hybridControllers: boolean;
}

/** Looks at /sys/fs/cgroup. A host without it counts as version 2 with nothing delegated. */
export function readCgroupLayout(root = "/sys/fs/cgroup"): CgroupLayout {
  if (existsSync(`${root}/cgroup.controllers`)) return { version: 2, hybridControllers: false };
  return { version: existsSync(root) ? 1 : 2, hybridControllers: ownsControllers(`${root}/unified/cgroup.controllers`) };
}

/** The cgroup v2 path of a process (`0::/path`), undefined when there is none. */
export function unifiedCgroupOf(pid: number | "self"): string | undefined {
  try {
    return /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/** Whether systemd is the host's init, so that it may manage cgroups. */
export function isSystemdHost(): boolean {
  return existsSync("/run/systemd/system");
}

/** Controllers that this user may set limits with in its own v2 cgroup; empty on v1 or without delegation. */
export function delegatedControllers(root = "/sys/fs/cgroup"): readonly string[] {
  const path = unifiedCgroupOf("self");
  if (path === undefined || !existsSync(`${root}/cgroup.controllers`)) return [];
  try {
    return readFileSync(`${root}${path}/cgroup.controllers`, "utf8")
      .split(/\s+/)
      .filter((name) => name !== "");
  } catch {
    return [];
  }
}

/** Controllers of the whole v2 hierarchy: root may set limits with these. Empty on v1, and where the hierarchy is not mounted. */
export function hierarchyControllers(root = "/sys/fs/cgroup"): readonly string[] {
  try {
    return readFileSync(`${root}/cgroup.controllers`, "utf8")
      .split(/\s+/)
      .filter((name) => name !== "");
  } catch {
    return [];
  }
}

function ownsControllers(path: string): boolean {
  try {
    return readFileSync(path, "utf8").trim() !== "";
  } catch {
    return false;
  }
}
