import { describe, expect, it } from "vitest";
import { salvageRecords } from "./salvage-records.ts";

const id = (digit: string): string => digit.repeat(64);
const text = JSON.stringify([
  { id: id("a"), names: ['odd } " name'], flags: { x: { y: 1 } } },
  { id: id("b"), layer: id("c") },
  { id: id("d"), metadata: '{"id":"x"}' },
]);
const found = (damaged: string): string[] => salvageRecords(damaged).map((record) => record.id[0] ?? "");

describe("records of a damaged file", () => {
  it("are all those that are whole", () => {
    expect(found(text)).toEqual(["a", "b", "d"]);
    expect(salvageRecords(text)[0]).toEqual({ id: id("a"), names: ['odd } " name'], flags: { x: { y: 1 } } });
    expect(found(text.slice(0, -3))).toEqual(["a", "b"]);
    expect(found(text.slice(0, 80))).toEqual([]);
    expect(found(`\0\0\0${text.slice(20)}`)).toEqual(["b", "d"]);
    expect(found(text.replace('"layer":"c', '"lay\0\0\0'))).toEqual(["a", "d"]);
  });

  it("are none in what is no list of records", () => {
    for (const other of ["", "\0\0\0\0", "garbage{{", '{"id":3}', '[{"id":"short"}]']) expect(salvageRecords(other)).toEqual([]);
  });
});
