import type { SpecMount } from "./runtime-spec.ts";
import type { SpecInput } from "./spec-input.ts";

/** The default mounts and the caller's, parents before children; a caller's mount replaces the default at the same place. */
export function buildMounts(input: SpecInput): SpecMount[] {
  const own = input.mounts ?? [];
  const taken = new Set(own.map((mount) => mount.destination));
  // Who brings a /dev of his own has all that is in it.
  const isTaken = (path: string): boolean => taken.has(path) || (taken.has("/dev") && path.startsWith("/dev/"));
  const defaults = defaultMounts(input).filter((mount) => !isTaken(mount.destination));
  return [...defaults, ...own]
    .map((mount, index) => ({ mount, index, depth: depthOf(mount.destination) }))
    .sort((a, b) => a.depth - b.depth || a.index - b.index)
    .map(({ mount }) => mount);
}

function depthOf(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

function defaultMounts(input: SpecInput): SpecMount[] {
  const access = input.readOnlyDev === true ? ["ro"] : [];
  return [
    procMount(input),
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k", ...access] },
    sysMount(input),
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", ...(input.ttyGroupMapped === false ? [] : ["gid=5"])],
    },
    mqueueMount(input),
    ...(input.withoutShm === true ? [] : [shmMount(input)]),
    cgroupMount(input),
  ];
}

/** A proc of its own needs a pid namespace of its own when there is a user namespace: else the host's is bound. */
function procMount(input: SpecInput): SpecMount {
  if (inUserNamespace(input) && !isPrivate(input, "pid")) {
    return { destination: "/proc", type: "bind", source: "/proc", options: ["rbind", "nosuid", "noexec", "nodev"] };
  }
  return { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev", ...(input.procOptions ?? [])] };
}

/** sysfs belongs to the network namespace's owner: without one of its own, a user namespace can only bind the host's. */
function sysMount(input: SpecInput): SpecMount {
  const access = input.privileged === true ? "rw" : "ro";
  if (inUserNamespace(input) && !isPrivate(input, "network")) {
    return { destination: "/sys", type: "bind", source: "/sys", options: ["rprivate", "nosuid", "noexec", "nodev", access, "rbind"] };
  }
  const propagation = input.privileged === true ? ["rprivate"] : [];
  return { destination: "/sys", type: "sysfs", source: "sysfs", options: [...propagation, "nosuid", "noexec", "nodev", access] };
}

function mqueueMount(input: SpecInput): SpecMount {
  if (inUserNamespace(input) && !isPrivate(input, "ipc")) {
    return { destination: "/dev/mqueue", type: "bind", source: "/dev/mqueue", options: ["bind", "nosuid", "noexec", "nodev"] };
  }
  return { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] };
}

function shmMount(input: SpecInput): SpecMount {
  const access = input.readOnlyDev === true ? ["ro"] : [];
  if (input.shmPath !== undefined) {
    return {
      destination: "/dev/shm",
      type: "bind",
      source: input.shmPath,
      options: ["bind", "rprivate", "nosuid", "noexec", "nodev", ...access],
    };
  }
  return {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["private", "nosuid", "noexec", "nodev", "mode=1777", `size=${input.shmSize ?? 65536000}`, ...access],
  };
}

function cgroupMount(input: SpecInput): SpecMount {
  const access = input.privileged === true || (input.systemd === true && input.cgroupV2 === true) ? "rw" : "ro";
  return {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["rprivate", "nosuid", "noexec", "nodev", "relatime", access],
  };
}

function inUserNamespace(input: SpecInput): boolean {
  return input.rootless === true || input.uidMappings !== undefined;
}

/** Whether the container has a namespace of its own of this type: one that the spec lists. */
function isPrivate(input: SpecInput, type: "pid" | "network" | "ipc"): boolean {
  return input.namespaces.some((namespace) => namespace.type === type);
}
