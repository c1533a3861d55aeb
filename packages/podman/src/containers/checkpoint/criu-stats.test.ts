import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { criuVersionText, firstCriuError } from "./criu.ts";
import { readDumpStats, readRestoreStats } from "./criu-stats.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "criu-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A message in a file as criu writes it: two magic numbers, the length, the message. */
function statistics(name: string, message: readonly number[]): string {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(message.length, 8);
  const path = join(directory, name);
  writeFileSync(path, Buffer.concat([header, Buffer.from(message)]));
  return path;
}

describe("criu's files", () => {
  it("tell what a dump took", () => {
    const fields = [0x08, 0x95, 0x05, 0x10, 0x96, 0xf2, 0x09, 0x18, 1, 0x20, 2, 0x28, 47, 0x30, 0, 0x38, 33];
    expect(readDumpStats(statistics("dump", [0x0a, fields.length, ...fields]))).toEqual({
      freezing_time: 661,
      frozen_time: 162_070,
      memdump_time: 1,
      memwrite_time: 2,
      pages_scanned: 47,
      pages_written: 33,
    });
  });

  it("tell what a restore took", () => {
    const fields = [0x08, 9, 0x10, 2, 0x18, 0x83, 0x03, 0x20, 5, 0x28, 31];
    expect(readRestoreStats(statistics("restore", [0x12, fields.length, ...fields]))).toEqual({
      pages_compared: 9,
      pages_skipped_cow: 2,
      forking_time: 387,
      restore_time: 5,
      pages_restored: 31,
    });
    expect(() => readRestoreStats(statistics("torn", []).replace("torn", "nosuch"))).toThrow("nosuch");
  });

  it("tell why it gave up", () => {
    const log = join(directory, "dump.log");
    writeFileSync(
      log,
      "(00.1) Warn (a.c:1): x\n(00.2) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted\n(00.3) Error (criu/cr-dump.c:389): Can't get rlimit 0\n(00.4) Error (criu/cr-dump.c:1975): Dumping FAILED.\n",
    );
    expect(firstCriuError(log)).toBe("Can't get rlimit 0");
    expect(firstCriuError(join(directory, "nosuch"))).toBeUndefined();
    expect(criuVersionText(40_201)).toBe("4.2.1");
  });
});
