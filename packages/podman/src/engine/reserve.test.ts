import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepOtherReserve, keepReserve, RUN_RESERVE, STORE_RESERVE } from "./reserve.ts";

describe.skipIf(process.getuid?.() !== 0)("a reserve for a full disk", () => {
  let directory: string;
  const mount = (size: string): void =>
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory]).status).toBe(0) as undefined;
  const file = (): string => join(directory, ".podman-reserve");

  /** As much as there is room for. */
  const fill = (name: string, bytes: number): void => {
    try {
      writeFileSync(join(directory, name), Buffer.alloc(bytes));
    } catch {
      // full, as it should be
    }
    expect(statfsSync(directory).bavail).toBe(0);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "reserve-"));
  });
  afterEach(() => {
    spawnSync("umount", [directory]);
    rmSync(directory, { recursive: true, force: true });
  });

  it("is kept where there is plenty of room, and given up when there is none", () => {
    mount("64m");
    keepReserve(directory, STORE_RESERVE);
    expect(statSync(file()).blocks).toBe(8192);
    fill("fill", 64 << 20);
    keepReserve(directory, STORE_RESERVE);
    expect(statfsSync(directory).bavail * 4096).toBe(256 << 10);
    keepReserve(directory, STORE_RESERVE);
    expect(statfsSync(directory).bavail * 4096).toBe(256 << 10);
    // Again and again: who fills the disk takes what was given up.
    for (let time = 1; time < 16; time++) {
      fill(`fill-${time}`, 256 << 10);
      keepReserve(directory, STORE_RESERVE);
      expect(statfsSync(directory).bavail * 4096).toBe(256 << 10);
    }
    expect(statSync(file()).size).toBe(0);
    rmSync(join(directory, "fill"));
    keepReserve(directory, STORE_RESERVE);
    expect(statSync(file()).blocks).toBe(8192);
  });

  it("is kept elsewhere only where that is another disk", () => {
    keepOtherReserve(directory, tmpdir(), RUN_RESERVE);
    expect(existsSync(file())).toBe(false);
    mount("64m");
    keepOtherReserve(directory, tmpdir(), RUN_RESERVE);
    expect(statSync(file()).size).toBe(1 << 20);
  });

  it("is not made on a small disk, nor where there is no directory", () => {
    mount("8m");
    keepReserve(directory, STORE_RESERVE);
    expect(existsSync(file())).toBe(false);
    expect(() => keepReserve(join(directory, "none"), STORE_RESERVE)).not.toThrow();
  });
});
