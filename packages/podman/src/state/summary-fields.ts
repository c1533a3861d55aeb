import type { ContainerConfig } from "../containers/config.ts";

/** Where the user's mounts appear in the container. */
export function userMountTargets(config: ContainerConfig): string[] {
  return config.mounts.map((mount) => mount.target);
}

/** Volumes that the container uses, each once. */
export function volumeNames(config: ContainerConfig): string[] {
  return [...new Set(config.mounts.flatMap((mount) => (mount.type === "volume" ? [mount.name] : [])))];
}

/** Networks as `ps` shows them. */
export function networkNames(config: ContainerConfig): string[] {
  return config.network.mode.kind === "bridge" ? Object.keys(config.network.networks).sort() : [];
}
