import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { podCgroup, removePodCgroup } from "./pod-cgroup.ts";

describe("podCgroup", () => {
  it("is below the usual parent, the asked one, or in a slice", () => {
    expect(podCgroup({ cgroupManager: "cgroupfs", rootless: false }, "ab", undefined)).toEqual({
      cgroupParent: "/libpod_parent",
      cgroupPath: "/libpod_parent/ab",
    });
    expect(podCgroup({ cgroupManager: "cgroupfs", rootless: true }, "ab", "/mine/")).toEqual({
      cgroupParent: "/mine",
      cgroupPath: "/mine/ab",
    });
    expect(podCgroup({ cgroupManager: "systemd", rootless: false }, "ab", "")).toEqual({
      cgroupParent: "machine.slice",
      cgroupPath: "machine.slice/machine-libpod_pod_ab.slice",
    });
  });

  it("is none for an ordinary user without systemd", () => {
    expect(podCgroup({ cgroupManager: "cgroupfs", rootless: true }, "ab", undefined)).toEqual({ cgroupParent: "", cgroupPath: "" });
  });
});

describe("removePodCgroup", () => {
  it("removes the empty directories of every hierarchy and leaves the parent", () => {
    const root = mkdtempSync(join(tmpdir(), "pod-cgroup-"));
    try {
      for (const hierarchy of ["memory", "cpu"]) mkdirSync(join(root, hierarchy, "parent", "ab", "old"), { recursive: true });
      mkdirSync(join(root, "memory", "parent", "other"));
      removePodCgroup({ cgroupPath: "/parent/ab" }, root);
      expect(existsSync(join(root, "memory/parent/ab"))).toBe(false);
      expect(existsSync(join(root, "cpu/parent/ab"))).toBe(false);
      expect(existsSync(join(root, "memory/parent/other"))).toBe(true);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
