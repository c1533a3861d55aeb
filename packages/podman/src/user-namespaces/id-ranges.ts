import { ToolError } from "@containers/common/errors/tool-error";
import type { IdMapSpec } from "../container-spec/namespace-spec.ts";

/** Ids from `start` up to, not including, `end`. */
export interface IdRange {
  readonly start: number;
  readonly end: number;
}

/** `ranges` without what `taken` covers, lowest first. */
export function subtractRanges(ranges: readonly IdRange[], taken: readonly IdRange[]): IdRange[] {
  let left = [...ranges].sort((a, b) => a.start - b.start);
  for (const { start, end } of taken) {
    left = left.flatMap((range) =>
      end <= range.start || start >= range.end
        ? [range]
        : [
            { start: range.start, end: Math.min(range.end, start) },
            { start: Math.max(range.start, end), end: range.end },
          ].filter((part) => part.start < part.end),
    );
  }
  return left;
}

/** Pairs container ids with available ids, both from the lowest up, until all container ids have one. */
export function pairRanges(containerIds: readonly IdRange[], available: readonly IdRange[]): IdMapSpec[] {
  const maps: IdMapSpec[] = [];
  const hosts = [...available].reverse();
  for (const range of containerIds) {
    for (let next = range.start; next < range.end; ) {
      const host = hosts.pop();
      if (host === undefined) throw new ToolError("unavailable", "creating container storage: not enough unused IDs in user namespace");
      const size = Math.min(range.end - next, host.end - host.start);
      maps.push({ containerId: next, hostId: host.start, size });
      next += size;
      if (size < host.end - host.start) hosts.push({ start: host.start + size, end: host.end });
    }
  }
  return maps;
}

/** The maps with `added` in the place of whatever of them says something about its container ids or its host ids. */
export function insertMap(maps: readonly IdMapSpec[], added: IdMapSpec): IdMapSpec[] {
  const kept = maps.flatMap((map) => {
    const inside = added.containerId - map.containerId;
    const outside = added.hostId - map.hostId;
    const taken = [inside, outside].map((start) => ({ start, end: start + added.size }));
    return subtractRanges([{ start: 0, end: map.size }], taken).map(({ start, end }) => ({
      containerId: map.containerId + start,
      hostId: map.hostId + start,
      size: end - start,
    }));
  });
  return [...kept, added];
}

/** The maps, with the container ids between and after them on the ids of the parent's map that they leave over. */
export function fillMap(maps: readonly IdMapSpec[], parent: readonly IdMapSpec[]): IdMapSpec[] {
  const sorted = [...maps].sort((a, b) => a.containerId - b.containerId);
  let available = subtractRanges(
    parent.map(({ containerId, size }) => ({ start: containerId, end: containerId + size })),
    maps.map(({ hostId, size }) => ({ start: hostId, end: hostId + size })),
  );
  const filled: IdMapSpec[] = [];
  let next = 0;
  const take = (limit: number): void => {
    while (next < limit) {
      const [range, ...rest] = available;
      if (range === undefined) return;
      const size = Math.min(limit - next, range.end - range.start);
      filled.push({ containerId: next, hostId: range.start, size });
      next += size;
      available = size < range.end - range.start ? [{ start: range.start + size, end: range.end }, ...rest] : rest;
    }
  };
  for (const map of sorted) {
    take(map.containerId);
    filled.push(map);
    next = map.containerId + map.size;
  }
  take(Number.POSITIVE_INFINITY);
  return filled;
}

/** Sorted by container id, with neighbours that go on from each other made one. */
export function mergeMaps(maps: readonly IdMapSpec[]): IdMapSpec[] {
  const merged: IdMapSpec[] = [];
  for (const map of [...maps].sort((a, b) => a.containerId - b.containerId)) {
    const last = merged.at(-1);
    if (last !== undefined && last.containerId + last.size === map.containerId && last.hostId + last.size === map.hostId) {
      merged[merged.length - 1] = { ...last, size: last.size + map.size };
    } else merged.push(map);
  }
  return merged;
}
