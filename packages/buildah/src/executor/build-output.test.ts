import { expect, it } from "vitest";
import { parseBuildOutput } from "./build-output.ts";

it.each([
  ["-", { type: "stdout" }],
  ["out", { type: "local", path: "out" }],
  ["type=local,dest=out", { type: "local", path: "out" }],
  ["type=tar,dest=out.tar", { type: "tar", path: "out.tar" }],
  ["dest=-,type=tar", { type: "stdout" }],
])("%s", (text, expected) => {
  expect(parseBuildOutput(text)).toEqual(expected);
});

it.each([
  ["type=odd,dest=x", 'invalid type "odd"'],
  ["type=local", 'missing required key "dest"'],
  ["dest=x", 'missing required key "type"'],
  ["type=local,type=tar,dest=x", 'duplicate "type" not supported'],
  ["type=local,dest=-", 'only "type=tar" can be used'],
  ["type=local,odd=1,dest=x", 'unrecognized key "odd"'],
  ["type=local,x", "expected format key=value"],
])("refuses %s", (text, message) => {
  expect(() => parseBuildOutput(text)).toThrow(message);
});
