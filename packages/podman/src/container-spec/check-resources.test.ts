import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkResources } from "./check-resources.ts";

const root = mkdtempSync(join(tmpdir(), "check-resources-"));
beforeAll(() => {
  for (const name of ["cpuset", "blkio"]) mkdirSync(join(root, name));
  writeFileSync(join(root, "cpuset/cpuset.cpus"), "0-1\n");
  writeFileSync(join(root, "cpuset/cpuset.mems"), "0\n");
  writeFileSync(join(root, "blkio/blkio.throttle.read_bps_device"), "");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function check(resources: Parameters<typeof checkResources>[0], version: 1 | 2 = 1) {
  const warnings: string[] = [];
  const kept = checkResources(resources, { version, rootless: false, root, warn: (message) => void warnings.push(message) });
  return { kept, warnings };
}

describe("limits of an ordinary user on cgroup v1", () => {
  const ordinary = (resources: Parameters<typeof checkResources>[0]) => {
    const warnings: string[] = [];
    const kept = checkResources(resources, { version: 1, rootless: true, root, warn: (message) => void warnings.push(message) });
    return { kept, warnings };
  };

  it("are left out all at once, which is told once, and nothing else is checked", () => {
    const { kept, warnings } = ordinary({
      memory: 5,
      pidsLimit: 3,
      cpusetCpus: "9",
      unified: { a: "b" },
      oomScoreAdj: 7,
      cgroups: "split",
    });
    expect(kept).toEqual({ oomScoreAdj: 7, cgroups: "split" });
    expect(warnings).toEqual(["Resource limits are not supported and ignored on cgroups V1 rootless systems"]);
  });

  it("are not spoken of when none are asked for", () => {
    const none = { unified: {}, deviceReadBps: [], oomKillDisable: false, ulimits: [{ name: "nofile", soft: 1, hard: 1 }] };
    expect(ordinary(none)).toEqual({ kept: none, warnings: [] });
  });
});

describe("limits of cgroup v1", () => {
  it("are refused when the machine has no such processors or memory", () => {
    expect(() => check({ cpusetCpus: "9" })).toThrow("requested CPUs are not available - requested 9, available: 0-1");
    expect(() => check({ cpusetCpus: "abc" })).toThrow("invalid value abc for cpuset cpus");
    expect(() => check({ cpusetMems: "1" })).toThrow("requested memory nodes are not available - requested 1, available: 0");
    expect(check({ cpusetCpus: "0,1", cpusetMems: "0" }).kept).toEqual({ cpusetCpus: "0,1", cpusetMems: "0" });
  });

  it("are refused when the kernel would take no such time", () => {
    expect(() => check({ cpus: 0.001 })).toThrow("CPU cfs quota cannot be less than 1ms");
    expect(() => check({ cpuPeriod: 10 })).toThrow("CPU cfs period cannot be less than 1ms");
    expect(check({ cpuQuota: -1 }).kept).toEqual({ cpuQuota: -1 });
  });

  it("are left out when the kernel lacks them, which is told", () => {
    const rate = [{ path: "/dev/x", rate: 1 }];
    const { kept, warnings } = check({ memory: 5, blkioWeight: 100, deviceReadBps: rate, deviceWriteBps: rate, deviceReadIops: [] });
    expect(kept).toEqual({ memory: 5, deviceReadBps: rate, deviceReadIops: [] });
    expect(warnings).toHaveLength(2);
  });
});

it("real-time limits are not those of cgroup v2", () => {
  const { kept, warnings } = check({ cpuRealtimePeriod: 5, cpuShares: 7 }, 2);
  expect(kept).toEqual({ cpuShares: 7 });
  expect(warnings).toEqual(["Realtime period not supported on cgroups V2 systems"]);
});
