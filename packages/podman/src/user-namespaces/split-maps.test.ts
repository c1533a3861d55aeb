import { describe, expect, it } from "vitest";
import { splitMaps } from "./split-maps.ts";

const map = (containerId: number, hostId: number, size: number) => ({ containerId, hostId, size });
/** Of an ordinary user with two ranges of subordinate ids. */
const available = [map(0, 1001, 1), map(1, 100_000, 1000), map(1001, 500_000, 1000)];

describe("splitMaps", () => {
  it("splits where a range of the namespace ends", () => {
    expect(splitMaps([map(0, 0, 1500)], available)).toEqual([map(0, 0, 1), map(1, 1, 1000), map(1001, 1001, 499)]);
    expect(splitMaps([map(0, 1, 100), map(100, 1000, 2)], available)).toEqual([map(0, 1, 100), map(100, 1000, 1), map(101, 1001, 1)]);
  });

  it("leaves alone what fits, and what asks for ids that are not there", () => {
    expect(splitMaps([map(0, 1, 1000)], available)).toEqual([map(0, 1, 1000)]);
    expect(splitMaps([map(0, 1, 5000)], available)).toEqual([map(0, 1, 5000)]);
    expect(splitMaps([], available)).toEqual([]);
  });
});
