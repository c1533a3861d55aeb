import { describe, expect, it } from "vitest";
import { podStatus } from "./status.ts";

describe("podStatus", () => {
  it.each([
    [[], "Created"],
    [["created", "created"], "Created"],
    [["running", "running"], "Running"],
    [["running", "exited"], "Degraded"],
    [["paused", "paused"], "Paused"],
    [["exited", "stopped"], "Exited"],
    [["exited", "created"], "Stopped"],
    [["paused", "created"], "Created"],
    [["removing", "created"], "Error"],
  ])("of %j is %s", (statuses, status) => {
    expect(podStatus(statuses)).toBe(status);
  });
});
