import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AT_FDCWD } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import { readRegularFile } from "./regular-file.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "regular-file-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

it("files are read, through links as well, up to a limit", () => {
  writeFileSync(join(directory, "file"), "content");
  symlinkSync("file", join(directory, "link"));
  expect(readRegularFile(join(directory, "link"), 7).toString()).toBe("content");
  expect(() => readRegularFile(join(directory, "file"), 6)).toThrow("more than the limit of 6");
});

it("pipes, devices and directories are refused at once", () => {
  const pipe = join(directory, "pipe");
  linuxSys().mkfifoat(AT_FDCWD, pipe, 0o600);
  for (const path of [pipe, "/dev/zero", directory]) expect(() => readRegularFile(path)).toThrow(`${path}: not a regular file`);
  expect(() => readRegularFile(join(directory, "missing"))).toThrow("ENOENT");
});
