import { describe, expect, it } from "vitest";
import { testCommand } from "./probe.ts";
import { addResult, type HealthResults } from "./status.ts";

const entry = (ExitCode: number) => ({ Start: "s", End: "e", ExitCode, Output: "" });
const fresh: HealthResults = { Status: "starting", FailingStreak: 0, Log: null };
const health = { test: ["CMD", "x"], retries: 2 };

describe("addResult", () => {
  it("calls a container healthy after one pass and unhealthy after as many failures as it may have", () => {
    const once = addResult(fresh, { entry: entry(1), stopped: false, lenient: false }, health);
    expect(once).toMatchObject({ Status: "starting", FailingStreak: 1 });
    const twice = addResult(once, { entry: entry(1), stopped: false, lenient: false }, health);
    expect(twice).toMatchObject({ Status: "unhealthy", FailingStreak: 2 });
    expect(addResult(twice, { entry: entry(0), stopped: false, lenient: false }, health)).toMatchObject({
      Status: "healthy",
      FailingStreak: 0,
    });
  });

  it("does not count failures of the start period and of a container that has ended", () => {
    expect(addResult(fresh, { entry: entry(1), stopped: false, lenient: true }, health)).toMatchObject({
      Status: "starting",
      FailingStreak: 0,
    });
    expect(addResult(fresh, { entry: entry(1), stopped: true, lenient: false }, health)).toMatchObject({
      Status: "stopped",
      FailingStreak: 0,
    });
  });

  it("keeps five results, as many as asked, or all", () => {
    const many = (maxLogCount?: number) => {
      let results = fresh;
      for (let at = 0; at < 8; at += 1)
        results = addResult(results, { entry: entry(0), stopped: false, lenient: false }, { ...health, maxLogCount });
      return results.Log?.length;
    };
    expect([many(), many(3), many(0)]).toEqual([5, 3, 8]);
  });
});

it("makes argv of a check", () => {
  expect(testCommand(["CMD", "a", "b"])).toEqual(["a", "b"]);
  expect(testCommand(["CMD-SHELL", "a b", "c"])).toEqual(["/bin/sh", "-c", "a b c"]);
  expect(testCommand(["a", "b"])).toEqual(["a", "b"]);
  for (const none of [["NONE"], [], [""], ["CMD"]]) expect(testCommand(none)).toBeUndefined();
});
