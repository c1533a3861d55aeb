import { describe, expect, it } from "vitest";
import { DEFAULT_CAPABILITIES } from "../security/capabilities.ts";
import { buildRuntimeSpec } from "./build-runtime-spec.ts";
import { serializeSpec } from "./serialize-spec.ts";
import type { SpecInput } from "./spec-input.ts";
import original from "./testdata/bridge.json" with { type: "json" };

const ID = "f".repeat(64);
const bound = (destination: string, name: string) => ({
  destination,
  type: "bind",
  source: `/run-dir/${name}`,
  options: ["bind", "rprivate"],
});

const INPUT: SpecInput = {
  rootfs: "/rootfs",
  args: ["sleep", "100"],
  env: [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "container=podman",
    "HOME=/root",
    `HOSTNAME=${ID.slice(0, 12)}`,
  ],
  cwd: "/",
  user: { uid: 0, gid: 0 },
  hostname: ID.slice(0, 12),
  capabilities: DEFAULT_CAPABILITIES,
  ulimits: [
    { name: "nofile", soft: 1024, hard: 1024 },
    { name: "nproc", soft: 1024, hard: 1024 },
  ],
  namespaces: [{ type: "pid" }, { type: "network", path: "/run/netns/netns-1" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }],
  mounts: [
    bound("/run/.containerenv", ".containerenv"),
    bound("/etc/hostname", "hostname"),
    bound("/etc/resolv.conf", "resolv.conf"),
    bound("/etc/hosts", "hosts"),
  ],
  shmPath: "/static-dir/shm",
  resources: { pids: { limit: 2048 } },
  cgroupsPath: `/libpod_parent/libpod-${ID}`,
  sysctls: { "net.ipv4.ping_group_range": "0 0" },
  annotations: original.annotations,
};

const sorted = <T extends { destination: string }>(mounts: readonly T[]): T[] =>
  [...mounts].sort((a, b) => (a.destination < b.destination ? -1 : 1));

describe("buildRuntimeSpec", () => {
  it("writes what the original writes for a plain container on a bridge", () => {
    const spec = JSON.parse(serializeSpec(buildRuntimeSpec(INPUT)));
    expect(sorted(spec.mounts)).toEqual(sorted(original.mounts));
    expect([...spec.linux.maskedPaths].sort()).toEqual([...new Set(original.linux.maskedPaths)].sort());
    const { mounts: _, ...rest } = original;
    expect(spec).toMatchObject({ ...rest, ociVersion: spec.ociVersion, linux: { ...original.linux, maskedPaths: spec.linux.maskedPaths } });
    expect(Object.keys(spec.linux).sort()).toEqual(Object.keys(original.linux).sort());
  });

  it("mounts parents before children", () => {
    const { mounts } = buildRuntimeSpec({
      ...INPUT,
      mounts: [
        { destination: "/a/b/c", type: "bind", source: "/x", options: [] },
        { destination: "/a", type: "tmpfs", source: "tmpfs", options: [] },
      ],
    });
    const depths = mounts.map(({ destination }) => destination.split("/").length);
    expect(depths).toEqual([...depths].sort((a, b) => a - b));
  });

  it("lets the caller's mount replace a default one", () => {
    const { mounts } = buildRuntimeSpec({
      ...INPUT,
      mounts: [{ destination: "/dev/shm", type: "tmpfs", source: "tmpfs", options: ["size=1m"] }],
    });
    expect(mounts.filter(({ destination }) => destination === "/dev/shm")).toEqual([
      { destination: "/dev/shm", type: "tmpfs", source: "tmpfs", options: ["size=1m"] },
    ]);
  });

  it("binds /sys and /proc where a user namespace cannot mount new ones", () => {
    const { mounts } = buildRuntimeSpec({ ...INPUT, rootless: true, namespaces: [{ type: "mount" }] });
    expect(mounts.find(({ destination }) => destination === "/sys")?.type).toBe("bind");
    expect(mounts.find(({ destination }) => destination === "/proc")?.type).toBe("bind");
  });

  it("shows privileged containers everything", () => {
    const { linux } = buildRuntimeSpec({ ...INPUT, privileged: true });
    expect(linux.maskedPaths).toBeUndefined();
    expect(linux.readonlyPaths).toBeUndefined();
    expect(linux.resources?.devices).toEqual([{ allow: true, access: "rwm" }]);
  });

  it("gives other users than root only the capabilities that were asked for by name", () => {
    const { process } = buildRuntimeSpec({ ...INPUT, user: { uid: 5, gid: 5 }, namedCapabilities: ["CAP_KILL"] });
    expect(process.capabilities?.effective).toEqual(["CAP_KILL"]);
    expect(process.capabilities?.bounding).toEqual(DEFAULT_CAPABILITIES);
  });

  it("unmasks paths, directories and globs", () => {
    const masked = (unmask: string[]) => buildRuntimeSpec({ ...INPUT, unmask, mask: ["/extra"] }).linux.maskedPaths ?? [];
    expect(masked(["ALL"])).toEqual(["/extra"]);
    expect(masked(["/proc/timer_*"])).not.toContain("/proc/timer_list");
    expect(masked(["/sys"])).not.toContain("/sys/firmware");
  });

  it("writes an unlimited resource as the kernel's number for it", () => {
    const text = serializeSpec(buildRuntimeSpec({ ...INPUT, ulimits: [{ name: "core", soft: -1, hard: -1 }] }));
    expect(text).toContain('{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551615}');
  });
});
