import fs from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { IdMapping, IdMappings } from "../store.ts";

/** True when the maps change nothing: absent, or without ranges. */
export function isIdentity(mappings: IdMappings | undefined): boolean {
  return mappings === undefined || (mappings.uidMap.length === 0 && mappings.gidMap.length === 0);
}

/** The host id for an id inside the container. Throws `invalid-argument` when no range covers it. */
export function toHostId(id: number, ranges: readonly IdMapping[]): number {
  if (ranges.length === 0) return id;
  for (const range of ranges) {
    if (id >= range.containerId && id < range.containerId + range.size) return range.hostId + (id - range.containerId);
  }
  throw new ToolError("invalid-argument", `container id ${id} cannot be mapped to a host id`, { hint: "use a larger id map" });
}

/** The id inside the container for a host id. Throws `invalid-argument` when no range covers it. */
export function toContainerId(id: number, ranges: readonly IdMapping[]): number {
  if (ranges.length === 0) return id;
  for (const range of ranges) {
    if (id >= range.hostId && id < range.hostId + range.size) return range.containerId + (id - range.hostId);
  }
  throw new ToolError("invalid-argument", `host id ${id} cannot be mapped to a container id`, { hint: "use a larger id map" });
}

/** Uid and gid on the host of the container's root. */
export function hostRoot(mappings: IdMappings | undefined): { uid: number; gid: number } {
  return { uid: toHostId(0, mappings?.uidMap ?? []), gid: toHostId(0, mappings?.gidMap ?? []) };
}

/** True when both say the same ranges in the same order. */
export function sameMappings(left: IdMappings | undefined, right: IdMappings | undefined): boolean {
  if (isIdentity(left) || isIdentity(right)) return isIdentity(left) === isIdentity(right);
  return sameRanges(left?.uidMap ?? [], right?.uidMap ?? []) && sameRanges(left?.gidMap ?? [], right?.gidMap ?? []);
}

/**
 * True inside a user namespace other than the first: rootless, or root of a container. There devices cannot be made, and overlay keeps
 * its marks in `user.overlay.*` instead of `trusted.overlay.*`.
 */
export function inUserNamespace(): boolean {
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(fs.readFileSync("/proc/self/uid_map", "latin1"));
  } catch {
    return false;
  }
}

function sameRanges(left: readonly IdMapping[], right: readonly IdMapping[]): boolean {
  return (
    left.length === right.length &&
    left.every((range, index) => {
      const other = right[index];
      return other !== undefined && range.containerId === other.containerId && range.hostId === other.hostId && range.size === other.size;
    })
  );
}
