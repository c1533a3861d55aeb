import { accessSync, constants, existsSync, readFileSync } from "node:fs";

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

/**
 * Whether this user may move processes out of the cgroup of this process by which systemd knows it: a session's, say, is the system's. True where no
 * such hierarchy is mounted.
 */
export function ownsCgroup(root = "/sys/fs/cgroup"): boolean {
  const directory = trackedCgroup(root);
  if (directory === undefined) return true;
  try {
    accessSync(`${directory}/cgroup.procs`, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** On v1 systemd has a v2 hierarchy without controllers for this. */
function trackedCgroup(root: string): string | undefined {
  const path = unifiedCgroupOf("self");
  const mount = [root, `${root}/unified`].find((directory) => existsSync(`${directory}/cgroup.controllers`));
  return path === undefined || mount === undefined ? undefined : `${mount}${path}`;
}

/**
 * Controllers that this user may set limits with; empty on v1 or without delegation: those of the cgroup of this process when it is the user's own,
 * and those of the user's systemd manager, which containers go to, otherwise.
 */
export function delegatedControllers(root = "/sys/fs/cgroup"): readonly string[] {
  const path = unifiedCgroupOf("self");
  if (path === undefined || !existsSync(`${root}/cgroup.controllers`)) return [];
  const uid = hostUid();
  const manager = `${root}/user.slice/user-${uid}.slice/user@${uid}.service`;
  return controllersOf(!ownsCgroup(root) && existsSync(manager) ? manager : `${root}${path}`);
}

/** The user's id on the host, in a user namespace of the user's too. */
export function hostUid(): number {
  const own = process.getuid?.() ?? 0;
  const map = /^\s*0\s+(\d+)\s/m.exec(readFileSync("/proc/self/uid_map", "utf8"));
  return own === 0 && map !== null ? Number(map[1]) : own;
}

/** Controllers of the whole v2 hierarchy: root may set limits with these. Empty on v1, and where the hierarchy is not mounted. */
export function hierarchyControllers(root = "/sys/fs/cgroup"): readonly string[] {
  return controllersOf(root);
}

/** Controllers of a v1 host that are in use and mounted, in the kernel's order. */
export function controllersOfV1(root = "/sys/fs/cgroup", table = "/proc/cgroups"): readonly string[] {
  return readFileSync(table, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [name = "", , , enabled] = line.split(/\s+/);
      return enabled === "1" && existsSync(`${root}/${name}`) ? [name] : [];
    });
}

function controllersOf(directory: string): readonly string[] {
  try {
    return readFileSync(`${directory}/cgroup.controllers`, "utf8")
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
