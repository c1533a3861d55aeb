import { ToolError } from "@containers/common/errors/tool-error";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { ContainerConfig } from "../config.ts";

/** Directories that a systemd inside expects to be fresh and writable. */
const PLACES = ["/run", "/run/lock", "/tmp", "/var/log/journal"];

/** The hierarchy of cgroup v1 that systemd works with. */
const HIERARCHY = "/sys/fs/cgroup/systemd";

/**
 * What a container needs in which systemd is the first process: see systemd's "Container Interface".
 * @throws unsupported on cgroup v1 for a container with a cgroup namespace of its own
 */
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
  return [...fresh, ...(cgroupVersion === 2 || taken.has(HIERARCHY) ? [] : [hierarchyMount(config)])];
}

/** With v2 the container's own cgroup is writable as a whole; of v1 it is systemd's hierarchy alone, and the host's. */
function hierarchyMount({ namespaces }: ContainerConfig): SpecMount {
  // Seen from a namespace of its own, systemd would not find its cgroup there.
  if (namespaces.cgroup.kind !== "host")
    throw new ToolError("unsupported", "cgroup namespace is not supported with cgroup v1 and systemd mode", { exitCode: 126 });
  return { destination: HIERARCHY, type: "bind", source: HIERARCHY, options: ["bind", "rprivate"] };
}

/** Of the writable hierarchy, the file that names a program which the host runs. */
export function systemdMasks(config: ContainerConfig, cgroupVersion: 1 | 2): string[] {
  return config.systemd && cgroupVersion === 1 ? [`${HIERARCHY}/release_agent`] : [];
}

/** The machine id that systemd takes over, where the user set none. */
export function systemdEnvironment(config: ContainerConfig): string[] {
  if (!config.systemd || config.env.some((entry) => entry.startsWith("container_uuid="))) return [];
  return [`container_uuid=${config.id.slice(0, 32)}`];
}
