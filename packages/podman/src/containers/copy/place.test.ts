import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AT_FDCWD, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCopyArguments } from "./copy-argument.ts";
import { findPlace, isDirectory, type Root } from "./place.ts";

describe("places inside a root", () => {
  const sys = linuxSys();
  let directory: string;
  let root: Root;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "place-"));
    mkdirSync(join(directory, "a/b"), { recursive: true });
    writeFileSync(join(directory, "a/file"), "x");
    root = { fd: sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, 0) };
  });
  afterEach(() => {
    sys.close(root.fd);
    rmSync(directory, { recursive: true });
  });

  it("are found through links, which never lead outside", () => {
    symlinkSync("/a", join(directory, "absolute"));
    symlinkSync("../../../../a/b", join(directory, "a/b/up"));
    expect(findPlace(sys, root, "/absolute/file").path).toBe("/a/file");
    expect(findPlace(sys, root, "/a/b/up/../file").path).toBe("/a/file");
    expect(isDirectory(findPlace(sys, root, "../../..").stat)).toBe(true);
    symlinkSync("/etc/passwd", join(directory, "steal"));
    expect(findPlace(sys, root, "/steal")).toMatchObject({ path: "/etc/passwd", stat: undefined });
  });

  it("may be missing, but no loop and not below a file", () => {
    expect(findPlace(sys, root, "/a/new/name")).toMatchObject({ path: "/a/new/name", stat: undefined });
    symlinkSync("loop", join(directory, "loop"));
    expect(() => findPlace(sys, root, "/loop/x")).toThrow("too many levels of symbolic links");
    expect(() => findPlace(sys, root, "/a/file/x")).toThrow("not a directory");
  });
});

describe("arguments of cp", () => {
  it("name a container before the colon, unless they begin like a path", () => {
    expect(parseCopyArguments("c:/x", "./a:b")).toEqual([{ container: "c", path: "/x" }, { path: "./a:b" }]);
    expect(parseCopyArguments("-", "c:dir")).toEqual([{ path: "-" }, { container: "c", path: "dir" }]);
    expect(() => parseCopyArguments("a", "b")).toThrow("name or ID cannot be empty");
    expect(() => parseCopyArguments("c:", "b")).toThrow("you must specify paths");
  });
});
