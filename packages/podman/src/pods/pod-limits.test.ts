import { describe, expect, it } from "vitest";
import { splitLimits, unifiedLimits } from "./pod-limits.ts";
import { sliceLimits } from "./slice-limits.ts";

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

describe("limits of a pod's block devices and slice", () => {
  const blockIO = {
    weight: 500,
    weightDevice: [{ major: 8, minor: 0, weight: 10 }],
    throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 }],
    throttleWriteBpsDevice: [{ major: 8, minor: 16, rate: 2048 }],
  };

  it("are files of both versions", () => {
    expect(asPairs(unifiedLimits({ blockIO }))).toEqual([
      ["io.weight", "default 4950"],
      ["io.weight", "8:0 1"],
      ["io.max", "8:0 rbps=1024"],
      ["io.max", "8:16 wbps=2048"],
    ]);
    expect(asPairs(splitLimits({ blockIO }))).toEqual([
      ["blkio.weight", "500"],
      ["blkio.weight_device", "8:0 10"],
      ["blkio.throttle.read_bps_device", "8:0 1024"],
      ["blkio.throttle.write_bps_device", "8:16 2048"],
    ]);
  });

  it("are properties of a slice", () => {
    expect(sliceLimits({ ...resources, blockIO })).toEqual({
      numbers: {
        MemoryMax: 100,
        MemorySwapMax: 150,
        CPUQuotaPeriodUSec: 100_000,
        CPUQuotaPerSecUSec: 1_500_000,
        CPUWeight: 40,
        IOWeight: 500,
      },
      sets: { AllowedCPUs: Uint8Array.of(3) },
      devices: {
        IOReadBandwidthMax: [["/dev/block/8:0", 1024]],
        IOWriteBandwidthMax: [["/dev/block/8:16", 2048]],
        IODeviceWeight: [["/dev/block/8:0", 10]],
      },
    });
    expect(sliceLimits({ memory: { limit: 100, swap: -1 } }).numbers).toMatchObject({ MemorySwapMax: Number.POSITIVE_INFINITY });
  });
});
