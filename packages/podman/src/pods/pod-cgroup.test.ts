import { describe, expect, it } from "vitest";
import { podCgroup } from "./pod-cgroup.ts";

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

  it("is in a slice alone where systemd makes it", () => {
    expect(() => podCgroup({ cgroupManager: "systemd", rootless: false }, "ab", "/mine")).toThrow("did not receive systemd slice");
  });

  it("is none for an ordinary user without systemd", () => {
    expect(podCgroup({ cgroupManager: "cgroupfs", rootless: true }, "ab", undefined)).toEqual({ cgroupParent: "", cgroupPath: "" });
  });
});
