import { closeSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { splitCgroupPath } from "../containers/prepare/split-cgroup.ts";
import { activationDescriptors, activationEnvironment, askedDescriptors } from "./passed-descriptors.ts";

test("descriptors of the caller's are passed on by number, others refused", () => {
  const fd = openSync("/dev/null", "r");
  try {
    expect(askedDescriptors(undefined, [String(fd)])).toEqual({ count: fd - 2, descriptors: [fd] });
    expect(askedDescriptors(0, [])).toBeUndefined();
    expect(() => askedDescriptors(1, ["4"])).toThrow("cannot specify both");
    expect(() => askedDescriptors(undefined, ["9999"])).toThrow("file descriptor 9999 is not available - the preserve-fd option");
    expect(() => askedDescriptors(undefined, ["x"])).toThrow("invalid argument");
  } finally {
    closeSync(fd);
  }
});

test("sockets of systemd's are the container's, whose first process they are for", () => {
  expect(activationEnvironment({ LISTEN_PID: "77", LISTEN_FDS: "2", LISTEN_FDNAMES: "a:b" })).toEqual([
    "LISTEN_PID=1",
    "LISTEN_FDS=2",
    "LISTEN_FDNAMES=a:b",
  ]);
  expect(activationEnvironment({})).toEqual([]);
  expect(activationDescriptors({})).toEqual({ count: 0, descriptors: [] });
  expect(() => activationDescriptors({ LISTEN_FDS: "many" })).toThrow("LISTEN_FDS=many");
});

test("a split cgroup is below the service's, not below podman's own part of it", () => {
  const line = (path: string): string => `1:name=systemd:${path}\n0::${path}\n`;
  expect(splitCgroupPath("ID", line("/system.slice/web.service"))).toBe("/system.slice/web.service/libpod-payload-ID");
  expect(splitCgroupPath("ID", line("/system.slice/web.service/runtime"))).toBe("/system.slice/web.service/libpod-payload-ID");
  expect(() => splitCgroupPath("ID", line("/"))).toThrow("root of the hierarchy");
});
