import { expect, test } from "vitest";
import { parsePeriodicJob } from "./periodic-command.ts";

test("a job is a command and a pause", () => {
  expect(parsePeriodicJob('{"command":["/bin/true","x"],"intervalMs":500}')).toEqual({ command: ["/bin/true", "x"], intervalMs: 500 });
});

test.each(["", "x", "null", "{}", '{"command":[],"intervalMs":1}', '{"command":["a"],"intervalMs":0}', '{"command":[1],"intervalMs":1}'])(
  "%j is none",
  (text) => {
    expect(parsePeriodicJob(text)).toBeUndefined();
  },
);
