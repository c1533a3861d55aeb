import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linuxMonitorSys } from "@containers/common/sys/linux-monitor";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDiagnostics } from "../diagnostics.ts";
import { PollLoop } from "../poll-loop.ts";
import { watchOomV2 } from "./cgroup-v2.ts";

/* Directories stand in for cgroups: the same files, the same notifications. */

let slice = "";
let scope = "";
let seen = 0;
let loop: PollLoop;

beforeEach(() => {
  slice = mkdtempSync(join(tmpdir(), "oom-slice-"));
  scope = join(slice, "container.scope");
  mkdirSync(scope);
  count(slice, 7);
  count(scope, 0);
  seen = 0;
  loop = new PollLoop(linuxMonitorSys());
});

afterEach(() => rmSync(slice, { recursive: true, force: true }));

function count(cgroup: string, kills: number): void {
  writeFileSync(join(cgroup, "memory.events"), `low 0\nhigh 0\nmax 5\noom 0\noom_kill ${kills}\noom_group_kill 0\n`);
}

function watch(): () => void {
  const sys = linuxMonitorSys();
  const diagnostics = openDiagnostics(sys, { logLevel: "error", syslog: false, cid: "c" });
  return watchOomV2({ sys, loop, diagnostics, onOom: () => seen++ }, scope);
}

it("sees a kill at once", () => {
  watch();
  count(scope, 1);
  loop.runOnce(5000);
  expect(seen).toBe(1);
});

it("sees a kill in the last moment", () => {
  const lastLook = watch();
  count(scope, 1);
  lastLook();
  expect(seen).toBe(1);
});

it("sees a kill whose cgroup went away before it could be read", () => {
  const lastLook = watch();
  count(scope, 0);
  loop.runOnce(5000);
  count(slice, 8);
  rmSync(scope, { recursive: true });
  lastLook();
  expect(seen).toBe(1);
});

it("sees it also when nothing was read before the cgroup went away", () => {
  const lastLook = watch();
  count(scope, 1);
  count(slice, 8);
  rmSync(scope, { recursive: true });
  lastLook();
  expect(seen).toBe(1);
});

it("takes no other container's kill for its own", () => {
  const quiet = watch();
  count(slice, 8);
  rmSync(scope, { recursive: true });
  quiet();
  mkdirSync(scope);
  count(scope, 0);
  const busy = watch();
  count(scope, 0);
  rmSync(scope, { recursive: true });
  busy();
  expect(seen).toBe(0);
});
