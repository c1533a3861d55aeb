import { expect, test } from "vitest";
import { scheduleBuilds } from "./schedule.ts";

const local = { name: "(local)", isLocal: true, native: ["linux/amd64"], emulated: ["linux/arm64"] };
const far = { name: "far", isLocal: false, native: ["linux/amd64"], emulated: [] };
const arm = { name: "arm", isLocal: false, native: ["linux/arm64"], emulated: [] };

test("every platform that a builder is of is built for, at home where that is possible", () => {
  expect([...scheduleBuilds([far, arm, local], [])]).toEqual([
    ["linux/amd64", "(local)"],
    ["linux/arm64", "arm"],
  ]);
});

test("what nobody is of is emulated, or refused", () => {
  expect([...scheduleBuilds([far, local], ["linux/arm64"])]).toEqual([["linux/arm64", "(local)"]]);
  expect(() => scheduleBuilds([far], ["linux/s390x"])).toThrow('no builder capable of building for platform "linux/s390x" available');
});
