import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { MNT_DETACH } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRoot } from "../../testing/temp-store.ts";
import { unmountOverlay } from "./mount-layer.ts";

describe.skipIf(!isRoot)("unmountOverlay (needs root: mounts)", () => {
  const sys = linuxSys();
  let directory: string;
  let target: string;
  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "unmount-test-"));
    sys.mount("tmpfs", directory, "tmpfs", 0, "nr_inodes=10");
    target = path.join(directory, "merged");
    fs.mkdirSync(target);
    sys.mount("tmpfs", target, "tmpfs", 0, "nr_inodes=10");
    fs.writeFileSync(path.join(target, "inside"), "");
  });
  afterEach(() => {
    sys.umount2(directory, MNT_DETACH);
    fs.rmdirSync(directory);
  });

  it("puts a fresh directory in the mount point's place", () => {
    const before = fs.readdirSync(directory);
    unmountOverlay(sys, target);
    expect(fs.readdirSync(directory)).toEqual(before);
    expect(fs.readdirSync(target)).toEqual([]);
  });

  it("does without where there is no room for another file", () => {
    const fill = (): void => {
      for (let index = 0; ; index++) fs.writeFileSync(path.join(directory, `f${index}`), "");
    };
    expect(fill).toThrow(/ENOSPC/);
    unmountOverlay(sys, target);
    expect(fs.readdirSync(target)).toEqual([]);
  });
});
