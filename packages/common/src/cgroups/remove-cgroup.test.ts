import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { removeCgroup } from "./remove-cgroup.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "remove-cgroup-"));
  for (const hierarchy of ["memory", "cpu"]) mkdirSync(join(root, hierarchy, "parent", "ab", "old", "older"), { recursive: true });
  mkdirSync(join(root, "memory", "parent", "other"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("removes the empty directories of every hierarchy and leaves the parent", async () => {
  await removeCgroup("/parent/ab", { root });
  expect(existsSync(join(root, "memory/parent/ab"))).toBe(false);
  expect(existsSync(join(root, "cpu/parent/ab"))).toBe(false);
  expect(existsSync(join(root, "memory/parent/other"))).toBe(true);
});

it("ends the processes first when told so", async () => {
  const child = Bun.spawn(["sleep", "1000"]);
  for (const name of ["ab/old/older", "ab/old", "ab"]) {
    for (const hierarchy of ["memory", "cpu"])
      writeFileSync(join(root, hierarchy, "parent", name, "cgroup.procs"), name === "ab" ? `${child.pid}\n` : "");
  }
  await removeCgroup("/parent/ab", { root, kill: true });
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
});

it("does not mind what goes while it looks", async () => {
  // None of these has a list of processes, as a group that was removed a moment ago.
  await removeCgroup("/parent/ab", { root, kill: true });
  expect(existsSync(join(root, "cpu/parent/ab"))).toBe(false);
});
