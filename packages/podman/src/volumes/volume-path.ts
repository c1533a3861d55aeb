import type { ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import type { VolumeRecord } from "../state/state.ts";

/** Where the volume's files are now. */
export function volumePath(volume: VolumeRecord): string {
  return volume.mountedAt ?? volume.mountPoint;
}

/** Whether the volume belongs to a program outside of podman. */
export function isPluginVolume({ driver }: VolumeRecord): boolean {
  return driver !== "local" && driver !== "image";
}

/** Options that are about the volume itself: the others are mount(8)'s. */
const OWN_OPTIONS = new Set(["uid", "gid", "size", "inodes", "noquota", "copy", "nocopy"]);

/** Whether its files are there only while it is mounted. */
export function needsMount({ driver, options }: VolumeRecord): boolean {
  if (driver !== "local") return true;
  const mountOptions = (options["o"] ?? "").split(",").filter((option) => option !== "" && !OWN_OPTIONS.has(option.split("=")[0] ?? ""));
  return mountOptions.length > 0 || Object.keys(options).some((key) => key !== "o" && !OWN_OPTIONS.has(key.toLowerCase()));
}

/** Whether the container has a volume that {@link needsMount}. */
export function usesMountedVolumes({ state }: Pick<Engine, "state">, { mounts }: ContainerConfig): boolean {
  return mounts.some((mount) => {
    const volume = mount.type === "volume" ? state.volumes.get(mount.name) : undefined;
    return volume !== undefined && needsMount(volume);
  });
}

/** Name of the lock that whoever mounts or unmounts the volume holds. */
export function volumeLock(name: string): string {
  return `volume-${name}`;
}
