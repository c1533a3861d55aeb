import { describe, expect, it } from "vitest";
import { containerConfig } from "../testing/container-config.ts";
import { systemdMounts } from "./systemd-mode.ts";

const HIERARCHY = "/sys/fs/cgroup/systemd";
const places = (...args: Parameters<typeof systemdMounts>) => systemdMounts(...args).map(({ destination }) => destination);

describe("mounts for a systemd inside", () => {
  const config = containerConfig({ systemd: true });
  const { namespaces } = config;

  it("are those of the user where he has his own", () => {
    expect(places(config, 2)).toEqual(["/run", "/run/lock", "/tmp", "/var/log/journal"]);
    const mounts = [{ type: "tmpfs", target: "/tmp", options: [] } as const];
    expect(places({ ...config, mounts }, 1)).toEqual(["/run", "/run/lock", "/var/log/journal", HIERARCHY]);
  });

  it("cannot be had on cgroup v1 with a cgroup namespace, unless the hierarchy is mounted by the user", () => {
    const secluded = { ...config, namespaces: { ...namespaces, cgroup: { kind: "private" } as const } };
    expect(() => systemdMounts(secluded, 1)).toThrow(
      expect.objectContaining({ message: "cgroup namespace is not supported with cgroup v1 and systemd mode", exitCode: 126 }),
    );
    expect(places(secluded, 2)).toHaveLength(4);
    const mounts = [{ type: "bind", source: HIERARCHY, target: HIERARCHY, options: [] } as const];
    expect(places({ ...secluded, mounts }, 1)).not.toContain(HIERARCHY);
  });
});
