import type { IdMapSpec } from "../container-spec/namespace-spec.ts";

/**
 * Splits ranges where the ids that they take end in one range of the namespace they are taken from and go on in another: the kernel refuses a line of
 * a map that crosses such a border. `available` is that namespace's own map. A range that has ids which are not there stays as it is, for the kernel to refuse.
 */
export function splitMaps(maps: readonly IdMapSpec[], available: readonly IdMapSpec[]): readonly IdMapSpec[] {
  const split: IdMapSpec[] = [];
  for (const map of maps) {
    let { containerId, hostId, size } = map;
    while (size > 0) {
      const first = hostId;
      const range = available.find((one) => first >= one.containerId && first < one.containerId + one.size);
      if (range === undefined) return maps;
      const usable = Math.min(size, range.containerId + range.size - hostId);
      split.push({ containerId, hostId, size: usable });
      containerId += usable;
      hostId += usable;
      size -= usable;
    }
  }
  return split;
}
