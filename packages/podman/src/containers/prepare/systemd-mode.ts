import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { ContainerConfig } from "../config.ts";

/** Directories that a systemd inside expects to be fresh and writable. */
const PLACES = ["/run", "/run/lock", "/tmp", "/var/log/journal"];

/** What a container needs in which systemd is the first process: see systemd's "Container Interface". */
export function systemdMounts(config: ContainerConfig, cgroupVersion: 1 | 2): SpecMount[] {
  if (!config.systemd) return [];
  const taken = new Set(config.mounts.map(({ target }) => target));
  const size = config.shmSizeSystemd === undefined ? [] : [`size=${config.shmSizeSystemd}`];
  const fresh = PLACES.filter((target) => !taken.has(target)).map((destination) => ({
    destination,
    type: "tmpfs",
    source: "tmpfs",
    options: ["rw", "rprivate", "nosuid", "nodev", "tmpcopyup", ...size],
  }));
  // With v2 the container's own cgroup is writable as a whole; of v1 it is systemd's hierarchy alone.
  const hierarchy =
    cgroupVersion === 2
      ? []
      : [{ destination: "/sys/fs/cgroup/systemd", type: "bind", source: "/sys/fs/cgroup/systemd", options: ["bind", "rprivate"] }];
  return [...fresh, ...hierarchy];
}

/** Of the writable hierarchy, the file that names a program which the host runs. */
export function systemdMasks(config: ContainerConfig, cgroupVersion: 1 | 2): string[] {
  return config.systemd && cgroupVersion === 1 ? ["/sys/fs/cgroup/systemd/release_agent"] : [];
}

/** The machine id that systemd takes over, where the user set none. */
export function systemdEnvironment(config: ContainerConfig): string[] {
  if (!config.systemd || config.env.some((entry) => entry.startsWith("container_uuid="))) return [];
  return [`container_uuid=${config.id.slice(0, 32)}`];
}
