import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startedEnvironment } from "./started-environment.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "spec-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ['{"process":{"env":["A=1","HOME=/"]}}', ["A=1", "HOME=/"]],
  ['{"process":{"env":["A=1","HO', undefined],
  ["", undefined],
])("of %o", (spec, expected) => {
  writeFileSync(join(directory, "config.json"), spec);
  expect(startedEnvironment(directory)).toEqual(expected);
});

test("of a container that was never started", () => {
  expect(startedEnvironment(join(directory, "nothing"))).toBeUndefined();
});
