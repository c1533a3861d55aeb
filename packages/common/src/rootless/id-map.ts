import { ToolError } from "../errors/tool-error.ts";
import type { SubIdRange } from "./subids.ts";

/** One line of a uid_map: `size` ids from `containerId` inside are those from `hostId` outside. */
export interface IdMapEntry {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}

/**
 * The map of the rootless namespace: the user is 0, and the subordinate ids follow from 1, lowest first, without gaps.
 * Refuses ranges that hold the user's own id, which the kernel would take as an overlap.
 */
export function rootlessIdMap(own: number, ranges: readonly SubIdRange[], source: string): IdMapEntry[] {
  const entries: IdMapEntry[] = [{ containerId: 0, hostId: own, size: 1 }];
  let next = 1;
  for (const range of ranges) {
    if (own >= range.start && own < range.start + range.length) {
      throw new ToolError("invalid-argument", `the range ${range.start}:${range.length} in ${source} includes the user's own id ${own}`, {
        hint: `change the range in ${source}`,
      });
    }
    entries.push({ containerId: next, hostId: range.start, size: range.length });
    next += range.length;
  }
  return entries;
}

/** The arguments of newuidmap(1) and newgidmap(1) after the pid. */
export function idMapArguments(map: readonly IdMapEntry[]): string[] {
  return map.flatMap((entry) => [String(entry.containerId), String(entry.hostId), String(entry.size)]);
}

/** What the kernel shows in /proc/PID/uid_map and gid_map. */
export function parseIdMap(text: string): IdMapEntry[] {
  const entries: IdMapEntry[] = [];
  for (const line of text.split("\n")) {
    const [containerId, hostId, size] = line.trim().split(/\s+/).map(Number);
    if (containerId !== undefined && hostId !== undefined && size !== undefined) entries.push({ containerId, hostId, size });
  }
  return entries;
}

/**
 * This process's own ids for a child namespace, each under the same number, as text. The second column of `own` counts in the parent's
 * namespace, so it is not what the child is given. The full range is split in two: OCI runtimes
 * take a map with 4294967295 in it as proof of *not* being inside a user namespace.
 */
export function copiedIdMap(own: string): string {
  if (own.includes("4294967295")) return "0 0 1\n1 1 4294967294\n";
  return parseIdMap(own)
    .map(({ containerId, size }) => `${containerId} ${containerId} ${size}\n`)
    .join("");
}
