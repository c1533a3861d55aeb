import { describe, expect, it } from "vitest";
import { splitLimits, unifiedLimits } from "./pod-limits.ts";

const resources = {
  memory: { limit: 100, swap: 250 },
  cpu: { quota: 150_000, period: 100_000, shares: 1024, cpus: "0-1" },
};
const asPairs = (files: ReturnType<typeof unifiedLimits>) => files.map(({ file, value }) => [file, value]);

describe("limits of a pod", () => {
  it("are cgroup v2's files, where swap is counted alone", () => {
    expect(asPairs(unifiedLimits(resources))).toEqual([
      ["memory.max", "100"],
      ["memory.swap.max", "150"],
      ["cpu.max", "150000 100000"],
      ["cpu.weight", "40"],
      ["cpuset.cpus", "0-1"],
    ]);
    expect(asPairs(unifiedLimits({ memory: { limit: 100, swap: -1 } }))).toContainEqual(["memory.swap.max", "max"]);
  });

  it("are cgroup v1's files, the period before the quota", () => {
    expect(asPairs(splitLimits(resources))).toEqual([
      ["memory.limit_in_bytes", "100"],
      ["memory.memsw.limit_in_bytes", "250"],
      ["cpu.cfs_period_us", "100000"],
      ["cpu.cfs_quota_us", "150000"],
      ["cpu.shares", "1024"],
      ["cpuset.cpus", "0-1"],
    ]);
    expect(splitLimits({})).toEqual([]);
  });
});
