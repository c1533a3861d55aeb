import { describe, expect, it } from "vitest";
import type { VolumeRecord } from "../state/state.ts";
import { settleVolumeOptions } from "./volume-options.ts";
import { needsMount } from "./volume-path.ts";

const record = (driver: string, options: Record<string, string>): VolumeRecord => ({
  name: "v",
  driver,
  mountPoint: "/v/_data",
  createdAt: "",
  labels: {},
  options: settleVolumeOptions(driver, options).options,
  anonymous: false,
  uid: 0,
  gid: 0,
  needsCopyUp: true,
  needsChown: true,
});

describe("options of a volume", () => {
  it("show what podman itself reads of `o` and leave the rest to mount", () => {
    expect(settleVolumeOptions("local", { type: "tmpfs", o: "size=2M,uid=1000,nodev" })).toEqual({
      options: { SIZE: "2M", UID: "1000", o: "size=2M,uid=1000,nodev", type: "tmpfs" },
      uid: 1000,
    });
    expect(settleVolumeOptions("local", { o: "size=2M,inodes=9" }).limits).toEqual({ bytes: 2_000_000, inodes: 9 });
    expect(settleVolumeOptions("local", { size: "2M", inodes: "9" }).limits).toEqual({ bytes: 2_000_000, inodes: 9 });
    expect(settleVolumeOptions("local", { o: "noquota" }).options).toEqual({ NOQUOTA: "true" });
    expect(settleVolumeOptions("remote", { o: "timeout=3,x", any: "thing" })).toEqual({ options: { any: "thing", o: "x" }, timeout: 3 });
  });

  it.each([
    [{ o: "uid" }, "uid option must provide a UID"],
    [{ o: "gid=a" }, "cannot convert GID a to integer"],
    [{ o: "size=big" }, "cannot convert size big to integer"],
    [{ size: "big" }, "cannot convert size big to integer"],
    [{ o: "size=1m,noquota" }, "cannot be used without quota"],
    [{ type: "tmpfs", o: "inodes=1" }, "not supported on tmpfs"],
    [{ x: "y" }, "invalid mount option x for driver 'local'"],
  ])("%j is refused", (options, message) => {
    expect(() => settleVolumeOptions("local", options)).toThrow(message);
  });

  it("say whether it has to be mounted", () => {
    expect(needsMount(record("local", {}))).toBe(false);
    expect(needsMount(record("local", { o: "uid=1,gid=2", nocopy: "" }))).toBe(false);
    expect(needsMount(record("local", { o: "uid=1,nodev" }))).toBe(true);
    expect(needsMount(record("local", { type: "tmpfs" }))).toBe(true);
    expect(needsMount(record("image", { image: "x" }))).toBe(true);
    expect(needsMount(record("remote", {}))).toBe(true);
  });
});
