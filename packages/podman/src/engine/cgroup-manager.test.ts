import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseCgroupManager, hasUserBus } from "./cgroup-manager.ts";

test("a user's bus is where the environment says", () => {
  const directory = mkdtempSync(join(tmpdir(), "bus-"));
  try {
    expect(hasUserBus({ XDG_RUNTIME_DIR: directory })).toBe(false);
    writeFileSync(join(directory, "bus"), "");
    expect(hasUserBus({ XDG_RUNTIME_DIR: directory })).toBe(true);
    expect(hasUserBus({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${directory}/bus,guid=1` })).toBe(true);
    expect(hasUserBus({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${directory}/other`, XDG_RUNTIME_DIR: directory })).toBe(false);
    expect(hasUserBus({ DBUS_SESSION_BUS_ADDRESS: "tcp:host=nowhere", XDG_RUNTIME_DIR: directory })).toBe(false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("root needs no session, and who wants no systemd gets none", () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  expect(chooseCgroupManager("systemd", { rootless: false, warn })).toBe("systemd");
  expect(chooseCgroupManager("cgroupfs", { rootless: true, warn })).toBe("cgroupfs");
  expect(warnings).toEqual([]);
});

test("without a session an ordinary user is told what is done instead", () => {
  const before = process.env["DBUS_SESSION_BUS_ADDRESS"];
  process.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere/bus";
  try {
    const warnings: string[] = [];
    expect(chooseCgroupManager("systemd", { rootless: true, warn: (message) => void warnings.push(message) })).toBe("cgroupfs");
    expect(warnings).toHaveLength(4);
    expect(warnings.at(-1)).toBe("Falling back to --cgroup-manager=cgroupfs");
  } finally {
    if (before === undefined) delete process.env["DBUS_SESSION_BUS_ADDRESS"];
    else process.env["DBUS_SESSION_BUS_ADDRESS"] = before;
  }
});
