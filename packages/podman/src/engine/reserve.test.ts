import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepReserve } from "./reserve.ts";

describe.skipIf(process.getuid?.() !== 0)("a reserve for a full disk", () => {
  let directory: string;
  const mount = (size: string): void =>
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory]).status).toBe(0) as undefined;
  const file = (): string => join(directory, ".podman-reserve");

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "reserve-"));
  });
  afterEach(() => {
    spawnSync("umount", [directory]);
    rmSync(directory, { recursive: true, force: true });
  });

  it("is kept where there is plenty of room, and given up when there is none", () => {
    mount("64m");
    keepReserve(directory);
    expect(statSync(file()).blocks).toBe(2048);
    try {
      writeFileSync(join(directory, "fill"), Buffer.alloc(64 << 20));
    } catch {
      // full, as it should be
    }
    expect(statfsSync(directory).bavail).toBe(0);
    keepReserve(directory);
    expect(statfsSync(directory).bavail * 4096).toBe(1 << 20);
    rmSync(join(directory, "fill"));
    keepReserve(directory);
    expect(statSync(file()).blocks).toBe(2048);
  });

  it("is not made on a small disk, nor where there is no directory", () => {
    mount("8m");
    keepReserve(directory);
    expect(existsSync(file())).toBe(false);
    expect(() => keepReserve(join(directory, "none"))).not.toThrow();
  });
});
