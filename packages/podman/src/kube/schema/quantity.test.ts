import { expect, test } from "vitest";
import { formatBytes, formatMillis, parseQuantity } from "./quantity.ts";

test.each([
  ["100Mi", 104_857_600],
  ["1.5", 1.5],
  ["500m", 0.5],
  ["64k", 64_000],
  ["1e3", 1000],
  ["1E", 1e18],
  [2, 2],
] as const)("%s is %d", (text, value) => expect(parseQuantity(text)).toBe(value));

test.each(["", "x", "1Kb", "1 Mi"])("%j is none", (text) => expect(() => parseQuantity(text)).toThrow(/quantities must match/));

test("are written in the largest unit that leaves a whole number", () => {
  expect([104_857_600, 1_000_000, 1000, 1536, 5_368_709_120].map(formatBytes)).toEqual(["100Mi", "1000000", "1k", "1536", "5Gi"]);
  expect([1500, 2000, 1].map(formatMillis)).toEqual(["1500m", "2", "1m"]);
});
