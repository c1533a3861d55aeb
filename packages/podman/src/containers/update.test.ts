import { describe, expect, it } from "vitest";
import { changedHealth, changedResources } from "./update.ts";

describe("changedResources", () => {
  it("keeps what is not asked for", () => {
    expect(changedResources({ pidsLimit: 1024, memory: 1 }, { memory: 2 })).toMatchObject({ pidsLimit: 1024, memory: 2 });
  });
  it("takes one way of limiting CPUs for another", () => {
    expect(changedResources({ cpus: 2 }, { cpuQuota: 5 })).toEqual({ cpuQuota: 5, cpuPeriod: undefined });
    expect(changedResources({ cpuQuota: 5, cpuPeriod: 9 }, { cpus: 2 })).toEqual({ cpus: 2 });
  });
  it("changes ulimits one by one", () => {
    const before = {
      ulimits: [
        { name: "nofile", soft: 1, hard: 1 },
        { name: "nproc", soft: 1, hard: 1 },
      ],
    };
    expect(changedResources(before, { ulimits: [{ name: "nofile", soft: 2, hard: 2 }] }).ulimits).toEqual([
      { name: "nproc", soft: 1, hard: 1 },
      { name: "nofile", soft: 2, hard: 2 },
    ]);
  });
});

describe("changedHealth", () => {
  const test = ["CMD-SHELL", "x"];
  it("needs a command for the rest", () => {
    expect(() => changedHealth(undefined, { interval: 1 })).toThrow("healthcheck command is not set");
    expect(() => changedHealth({ test }, { startup: { retries: 1 } })).toThrow("startup healthcheck command is not set");
    expect(() => changedHealth(undefined, { startup: { test } })).toThrow("no regular healthcheck");
  });
  it("keeps what is not asked for, and begins with the defaults", () => {
    expect(changedHealth(undefined, { test })).toEqual({ test, interval: 30e9, timeout: 30e9, startPeriod: 0, retries: 3 });
    expect(changedHealth({ test, interval: 5, retries: 9 }, { interval: 7, onFailure: "kill" })).toMatchObject({
      test,
      interval: 7,
      retries: 9,
      onFailure: "kill",
    });
  });
  it("switches checks off, and on again", () => {
    const off = changedHealth({ test, startup: { test }, onFailure: "kill" }, { none: true });
    expect(off).toEqual({ test: ["NONE"], onFailure: "kill" });
    expect(() => changedHealth({ test }, { none: true, interval: 1 })).toThrow("cannot specify both --no-healthcheck");
    expect(changedHealth(off, { test })).toMatchObject({ test, interval: 30e9 });
  });
});
