import { chownSync } from "node:fs";
import type { IdMapSpec } from "../container-spec/namespace-spec.ts";
import type { ContainerConfig } from "../containers/config.ts";

type Mapped = Pick<ContainerConfig, "idMappings">;

/** The ids by which this namespace knows an owner inside the container; an id that the maps do not cover stays as it is. */
export function hostIds(
  config: Mapped,
  owner: { readonly uid: number; readonly gid: number },
): { readonly uid: number; readonly gid: number } {
  const { idMappings } = config;
  if (idMappings === undefined) return owner;
  return { uid: hostId(owner.uid, idMappings.uidMap), gid: hostId(owner.gid, idMappings.gidMap) };
}

/** Gives what was made for the container (a file, a directory, a mount) to its root. */
export function giveToRoot(config: Mapped, path: string): void {
  if (config.idMappings === undefined) return;
  const { uid, gid } = hostIds(config, { uid: 0, gid: 0 });
  chownSync(path, uid, gid);
}

/** Whether a group has an id inside: one that has none cannot own anything there. */
export function coversGroup(config: Mapped, gid: number): boolean {
  return config.idMappings?.gidMap.some(({ containerId, size }) => gid >= containerId && gid < containerId + size) ?? true;
}

function hostId(id: number, map: readonly IdMapSpec[]): number {
  const range = map.find(({ containerId, size }) => id >= containerId && id < containerId + size);
  return range === undefined ? id : range.hostId + (id - range.containerId);
}
