import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { copyLogFile } from "./copy-log.ts";

const directory = mkdtempSync(join(tmpdir(), "copy-log-"));
afterAll(() => rmSync(directory, { recursive: true }));

const at = "2026-01-01T00:00:00.000000000+00:00";
const line = (text: string, tag = "F", stream = "stdout", time = at): string => `${time} ${stream} ${tag} ${text}\n`;

function copied(content: string | Uint8Array, tail = -1): { stdout: Buffer; stderr: Buffer; order: string[] } {
  const path = join(directory, "log");
  writeFileSync(path, content);
  const streams = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const order: string[] = [];
  copyLogFile(path, tail, (stream, bytes) => {
    streams[stream].push(Buffer.from(bytes));
    order.push(`${stream}: ${Buffer.from(bytes).toString()}`);
  });
  return { stdout: Buffer.concat(streams.stdout), stderr: Buffer.concat(streams.stderr), order };
}

describe("copying a log", () => {
  it("leaves times and marks away, joins parts and keeps the order of the streams", () => {
    const { order } = copied(line("one") + line("tw", "P") + line("o") + line("bad", "F", "stderr") + line("") + line("three"));
    expect(order).toEqual(["stdout: one\ntwo\n", "stderr: bad\n", "stdout: \nthree\n"]);
  });

  it("takes lines whose times differ in length, and none that is no log line or has no end", () => {
    const { stdout } = copied(`${line("a", "F", "stdout", "2026-01-01T00:00:00Z")}nonsense\n\n${line("b")}x stdout F\n${at} stdout F c`);
    expect(stdout.toString()).toBe("a\nb\n");
  });

  it("passes bytes that are no text as they are", () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x0d]);
    const { stdout } = copied(Buffer.concat([Buffer.from(`${at} stdout P `), bytes, Buffer.from("\n")]));
    expect(stdout).toEqual(bytes);
  });

  it("reads files of many blocks, and lines larger than one", () => {
    const texts = [
      ...Array.from({ length: 30_000 }, (_, index) => `line ${index} ${"x".repeat(index % 90)}`),
      "y".repeat(1_500_000),
      "end",
    ];
    const { stdout } = copied(texts.map((text) => line(text)).join(""));
    expect(stdout.equals(Buffer.from(`${texts.join("\n")}\n`))).toBe(true);
  });

  it("begins at the last lines", () => {
    expect(copied(line("one") + line("tw", "P") + line("o") + line("three"), 2).stdout.toString()).toBe("two\nthree\n");
    expect(copied(line("one"), 0).stdout.toString()).toBe("");
  });
});
