import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linuxSys } from "@containers/common/sys/linux";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MountTargets } from "./mount-targets.ts";

const BEFORE = 1_000_000_000;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "targets-"));
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/services"), "");
  utimesSync(join(root, "etc"), BEFORE, BEFORE);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Seconds since 1970 at which /etc was changed, after something was mounted in it while `meanwhile` happened. */
function changedAfter(meanwhile: () => void): number {
  const targets = new MountTargets(linuxSys(), root);
  targets.ensure("/etc/hosts", false);
  targets.ensure("/etc/resolv.conf", false);
  meanwhile();
  expect(targets.remove().map(({ path }) => path)).toEqual(["etc"]);
  targets.close();
  return statSync(join(root, "etc")).mtimeMs / 1000;
}

it("directories have their times again when the targets are gone", () => {
  expect(changedAfter(() => {})).toBe(BEFORE);
  expect(() => statSync(join(root, "etc/hosts"))).toThrow("ENOENT");
});

it("a directory in which a command changed something says so", () => {
  const remove = (): void => {
    // The kernel's clock for files goes in steps of some milliseconds.
    Bun.sleepSync(50);
    rmSync(join(root, "etc/services"));
  };
  expect(changedAfter(remove)).toBeGreaterThan(BEFORE + 1000);
});
