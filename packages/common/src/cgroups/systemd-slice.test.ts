import { expect, it } from "vitest";
import { rangeBits } from "./systemd-slice.ts";

it("ranges are sets of bits, lowest first", () => {
  expect([...rangeBits("0")]).toEqual([1]);
  expect([...rangeBits("0-2, 9")]).toEqual([7, 2]);
  expect(() => rangeBits("3-1")).toThrow("invalid range");
  expect(() => rangeBits("x")).toThrow("invalid range");
});
