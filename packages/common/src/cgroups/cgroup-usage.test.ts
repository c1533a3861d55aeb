import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cgroupDirectories, readCgroupUsage } from "./cgroup-usage.ts";

describe("the usage of a control group", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "cgroup-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const file = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it("is read on version 2, above the groups that the container made itself", () => {
    file("a/libpod-77/cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n");
    file("a/libpod-77/memory.current", "4096\n");
    file("a/libpod-77/memory.max", "max\n");
    file("a/libpod-77/pids.current", "3\n");
    file("a/libpod-77/io.stat", "8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2\n");
    const directories = cgroupDirectories("0::/a/libpod-77/container\n", "libpod-77", root);
    expect(directories && readCgroupUsage(directories)).toEqual({
      cpu: 1_500_000,
      cpuSystem: 500_000,
      perCpu: [],
      memory: 4096,
      memoryLimit: undefined,
      pids: 3,
      blockInput: 11,
      blockOutput: 22,
    });
  });

  it("is read on version 1, each controller from its own hierarchy", () => {
    file("cpu,cpuacct/x/libpod-77/cpuacct.usage", "123456\n");
    file("cpu,cpuacct/x/libpod-77/cpuacct.usage_percpu", "100 23356 \n");
    file("cpu,cpuacct/x/libpod-77/cpuacct.stat", "user 1\nsystem 2\n");
    file("memory/x/libpod-77/memory.usage_in_bytes", "8192\n");
    file("memory/x/libpod-77/memory.limit_in_bytes", "65536\n");
    file("blkio/x/libpod-77/blkio.throttle.io_service_bytes_recursive", "8:0 Read 5\n8:0 Write 6\n8:0 Total 11\nTotal 11\n");
    const text = "9:name=systemd:/\n4:memory:/x/libpod-77\n3:cpu,cpuacct:/x/libpod-77\n2:blkio:/x/libpod-77\n0::/\n";
    const directories = cgroupDirectories(text, "libpod-77", root);
    expect(directories && readCgroupUsage(directories)).toEqual({
      cpu: 123456,
      cpuSystem: 20_000_000,
      perCpu: [100, 23356],
      memory: 8192,
      memoryLimit: 65536,
      pids: 0,
      blockInput: 5,
      blockOutput: 6,
    });
  });

  it("is none without a group of its own, or when that is gone", () => {
    expect(cgroupDirectories("0::/user.slice\n", "libpod-77", root)).toBeUndefined();
    expect(readCgroupUsage({ controllers: {}, unified: join(root, "gone") })).toBeUndefined();
  });
});
