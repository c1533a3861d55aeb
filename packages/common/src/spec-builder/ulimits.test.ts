import { expect, test } from "vitest";
import { settleUlimits } from "./ulimits.ts";

const limit = (name: string, soft: number, hard = soft) => ({ name, soft, hard });
const sys = { getrlimit: () => ({ soft: 1024, hard: 4096 }) };
const nobodyHears = () => undefined;

test("the user's limits come first, then the configured ones, then those for files and processes", () => {
  const wanted = { user: [limit("core", 0)], configured: [limit("nproc", 7), limit("core", 9)], mayRaise: true, rootless: false };
  expect(settleUlimits(sys, wanted, nobodyHears)).toEqual([limit("core", 0), limit("nproc", 7), limit("nofile", 1048576)]);
});

test("the host's own are those that it has for everybody", () => {
  const wanted = { user: [limit("host", -1)], configured: [], mayRaise: false, rootless: true };
  expect(settleUlimits(sys, wanted, nobodyHears)).toEqual([limit("nofile", 4096), limit("nproc", 4096)]);
});

test("what may not be raised is lowered, and the user hears of it", () => {
  const heard: string[] = [];
  const wanted = { user: [limit("nofile", 9999)], configured: [limit("nproc", 9999)], mayRaise: false, rootless: false };
  expect(settleUlimits(sys, wanted, ({ name }) => void heard.push(name))).toEqual([limit("nofile", 4096), limit("nproc", 4096)]);
  expect(heard).toEqual(["nofile"]);
});
