import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AT_FDCWD, O_CREAT, O_WRONLY } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import { writeFileAtomic } from "./atomic-write.ts";
import { acquireFileLock, withFileLock } from "./file-lock.ts";
import { mkdirAllInRoot, openInRoot, readFileInRoot, resolveInRoot } from "./open-in-root.ts";
import { userPaths } from "./xdg-paths.ts";

const sys = linuxSys();
let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "fs-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("writeFileAtomic", () => {
  it("replaces content and mode and leaves nothing else", () => {
    const path = join(dir, "file");
    writeFileAtomic(path, "old");
    writeFileAtomic(path, new Uint8Array([1, 2]), { mode: 0o666 });
    expect([...readFileSync(path)]).toEqual([1, 2]);
    expect(statSync(path).mode & 0o777).toBe(0o666);
    expect(readdirSync(dir)).toEqual(["file"]);
  });

  it("does not put a file in the place of a pipe", () => {
    const path = join(dir, "pipe");
    sys.mkfifoat(AT_FDCWD, path, 0o600);
    // Open at both ends, so that the write does not wait for a reader.
    const fd = openSync(path, "r+");
    writeFileAtomic(path, "text");
    expect([statSync(path).isFIFO(), readSync(fd, new Uint8Array(10))]).toEqual([true, 4]);
    closeSync(fd);
  });

  it("takes over what a killed writer left, where a lock keeps others away", () => {
    const path = join(dir, "file");
    writeFileSync(join(dir, ".tmp-file-locked"), "half of a longer text");
    writeFileAtomic(path, "whole", { locked: true, durable: false });
    expect(readFileSync(path, "utf8")).toBe("whole");
    expect(readdirSync(dir)).toEqual(["file"]);
  });

  it("cleans up when the rename fails", () => {
    mkdirSync(join(dir, "taken"));
    expect(() => writeFileAtomic(join(dir, "taken"), "x")).toThrow();
    expect(readdirSync(dir)).toEqual(["taken"]);
  });
});

describe("paths inside a root", () => {
  it("keeps links and dots inside", () => {
    mkdirSync(join(dir, "root/etc"), { recursive: true });
    writeFileSync(join(dir, "root/etc/passwd"), "inner");
    writeFileSync(join(dir, "outside"), "outer");
    symlinkSync("/etc/passwd", join(dir, "root/abs"));
    symlinkSync("../../../outside", join(dir, "root/rel"));
    const root = join(dir, "root");
    expect(readFileInRoot(sys, root, "/abs")?.toString()).toBe("inner");
    expect(readFileInRoot(sys, root, "../../etc/passwd")?.toString()).toBe("inner");
    expect(readFileInRoot(sys, root, "rel")).toBeUndefined();
    expect(readFileInRoot(sys, root, "etc")).toBeUndefined();
    expect(() => readFileInRoot(sys, root, "abs", 2)).toThrow("larger than 2 bytes");
    expect(resolveInRoot(sys, root, "abs")).toBe(join(root, "etc/passwd"));
    expect(resolveInRoot(sys, root, "/etc/new/dir")).toBe(join(root, "etc/new/dir"));
    expect(resolveInRoot(sys, root, "/etc/new/../../../other")).toBe(join(root, "other"));
    expect(resolveInRoot(sys, root, "/")).toBe(root);
  });

  it("does not hang on a fifo", () => {
    sys.mkfifoat(-100, join(dir, "fifo"), 0o600);
    expect(readFileInRoot(sys, dir, "fifo")).toBeUndefined();
  });

  it("makes directories, also behind dangling links", () => {
    symlinkSync("/var/real", join(dir, "link"));
    mkdirAllInRoot(sys, dir, "/link/../link/deep");
    mkdirAllInRoot(sys, dir, "/link/deep");
    expect(statSync(join(dir, "var/real/deep")).isDirectory()).toBe(true);
    symlinkSync("loop", join(dir, "loop"));
    expect(() => mkdirAllInRoot(sys, dir, "loop/x")).toThrow("too many levels");
    const fd = openInRoot(sys, dir, "link/deep/file", O_CREAT | O_WRONLY, 0o600);
    sys.close(fd);
    expect(statSync(join(dir, "var/real/deep/file")).size).toBe(0);
  });
});

describe("file locks", () => {
  it("excludes within the process and is given back", () => {
    const path = join(dir, "sub/lock");
    const answer = withFileLock(path, "write", () => {
      expect(acquireFileLock(path, "read", { wait: false })).toBeUndefined();
      return 5;
    });
    expect(answer).toBe(5);
    const first = acquireFileLock(path, "read", { wait: false });
    const second = acquireFileLock(path, "read", { wait: true });
    expect(acquireFileLock(path, "write", { wait: false })).toBeUndefined();
    first?.release();
    first?.release();
    second?.release();
    acquireFileLock(path, "write", { wait: false })?.release();
  });
});

describe("userPaths", () => {
  it("takes absolute variables and defaults below the home directory", () => {
    const paths = userPaths({ HOME: "/home/u/", XDG_CONFIG_HOME: "/c/", XDG_DATA_HOME: "relative", XDG_RUNTIME_DIR: "/run/user/7" });
    expect(paths).toEqual({ configHome: "/c", dataHome: "/home/u/.local/share", cacheHome: "/home/u/.cache", runtimeDir: "/run/user/7" });
  });
});
