import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { recordingSys } from "@containers/common/sys/recording";
import type { ProjectAmounts, Sys } from "@containers/common/sys/sys";
import { SysError } from "@containers/common/sys/sys-error";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { limitLayer, NO_LIMITS, requireLimits } from "../drivers/overlay/layer-limits.ts";
import { limitDirectory } from "./project-quota.ts";

const XFS = 0x58465342;
const TMPFS = 0x01021994;

let home: string;
beforeEach(() => {
  home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "quota-test-")));
});
afterEach(() => fs.rmSync(home, { recursive: true }));

interface Directory {
  project: number;
  inherited: boolean;
}

/** A file system with project quotas, as far as this module sees it. */
function quotaFileSystem(options: { readonly type?: number; readonly fails?: string } = {}) {
  const directories = new Map<string, Directory>();
  const limits = new Map<number, ProjectAmounts>();
  const name = (fd: number): string => path.relative(home, fs.readlinkSync(`/proc/self/fd/${fd}`));
  const sys: Sys = recordingSys({
    statfs: () => ({ type: options.type ?? XFS, blockSize: 4096, blocks: 1, available: 1 }),
    mknodat: (_dirfd, file) => fs.writeFileSync(file, ""),
    directoryProject: (fd) => directories.get(name(fd)) ?? { project: 0, inherited: false },
    setDirectoryProject: (fd, project) => void directories.set(name(fd), project),
    setProjectLimits: (_device, project, amounts) => {
      if (options.fails !== undefined) throw new SysError({ errno: 1, code: options.fails, text: "cannot", syscall: "quotactl" });
      limits.set(project, amounts);
    },
  });
  return { sys, directories, limits };
}

function make(name: string): string {
  const directory = path.join(home, name);
  fs.mkdirSync(directory, { recursive: true });
  return directory;
}

describe("limitDirectory", () => {
  it("gives each directory a project of its own, from a range that the home's inode chooses", () => {
    const { sys, directories, limits } = quotaFileSystem();
    for (const name of ["a", "b"]) limitDirectory(sys, home, make(name), { bytes: 1 << 20, inodes: 0 });
    const first = Number(10_000n + (BigInt.asUintN(64, BigInt(fs.statSync(home).ino) * 10_000n) % (0xffff_ffffn - 10_000n)));
    expect([directories.get("a"), directories.get("b")]).toEqual([
      { project: first + 1, inherited: true },
      { project: first + 2, inherited: true },
    ]);
    expect(limits.get(first + 2)).toEqual({ bytes: 1 << 20, inodes: 0 });
    expect(fs.readdirSync(home).sort()).toEqual(["a", "b", "backingFsBlockDev"]);
  });

  it("goes on from the home's own number, and takes the home's inheritance away", () => {
    const { sys, directories } = quotaFileSystem();
    directories.set("", { project: 500, inherited: true });
    limitDirectory(sys, home, make("a"), NO_LIMITS);
    expect(directories.get("")).toEqual({ project: 500, inherited: false });
    expect(directories.get("a")?.project).toBe(501);
  });

  it("takes no number that a directory has, nor one that is being deleted, and replaces what was left of a number's limits", () => {
    const { sys, directories, limits } = quotaFileSystem();
    directories.set("", { project: 500, inherited: false });
    directories.set(path.relative(home, make("old")), { project: 600, inherited: true });
    directories.set(path.relative(home, make("tempdirs/temp-dir-1/0-gone")), { project: 700, inherited: true });
    limits.set(701, { bytes: 5, inodes: 5 });
    limitDirectory(sys, home, make("new"), { bytes: 0, inodes: 7 });
    expect(directories.get("new")?.project).toBe(701);
    expect(limits.get(701)).toEqual({ bytes: 0, inodes: 7 });
  });

  it("leaves a directory alone that has something in it", () => {
    const { sys, directories } = quotaFileSystem();
    make("a/b");
    expect(() => limitDirectory(sys, home, path.join(home, "a"), NO_LIMITS)).toThrow(/not empty/);
    expect(directories.size).toBe(0);
  });
});

describe("limits of a layer", () => {
  const limit = (sys: Sys, options: Readonly<Record<string, string>>, store = NO_LIMITS): void =>
    limitLayer(sys, { home, directory: make("layer") }, { options, store });

  it("are the layer's own options', else the store's", () => {
    const { sys, directories, limits } = quotaFileSystem();
    directories.set("", { project: 500, inherited: false });
    limit(sys, { size: "10m" }, { bytes: 1, inodes: 2 });
    expect(limits.get(501)).toEqual({ bytes: 10 << 20, inodes: 2 });
    limit(sys, {}, { bytes: 1, inodes: 2 });
    expect(limits.get(502)).toEqual({ bytes: 1, inodes: 2 });
    expect(() => limit(sys, { colour: "blue" })).toThrow(/unknown option colour/);
    expect(() => limit(sys, { size: "big" })).toThrow(/invalid size: 'big'/);
    expect(() => limit(sys, { inodes: "-1" })).toThrow(/inodes/);
  });

  it("are refused where there can be none, and only where some are asked for", () => {
    const elsewhere = quotaFileSystem({ type: TMPFS }).sys;
    const without = quotaFileSystem({ fails: "ENOSYS" }).sys;
    const asked = { bytes: 1 << 20, inodes: 0 };
    expect(() => limit(elsewhere, {})).not.toThrow();
    expect(() => limit(without, {})).not.toThrow();
    for (const sys of [elsewhere, without]) expect(() => limit(sys, { size: "1m" })).toThrow(/xfs with 'pquota' mount option/);
    expect(() => limit(without, {}, asked)).toThrow(/does not support Project Quota/);
    expect(() => requireLimits(elsewhere, home, asked)).toThrow(/only supported for backingFS XFS. Found tmpfs/);
    expect(() => requireLimits(elsewhere, home, NO_LIMITS)).not.toThrow();
    expect(() => limit(quotaFileSystem({ fails: "EIO" }).sys, {})).toThrow(/cannot/);
  });
});
