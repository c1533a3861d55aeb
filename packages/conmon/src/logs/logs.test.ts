import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SOCK_DGRAM } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import type { Sys } from "@containers/common/sys/sys";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JournaldLog } from "./journald.ts";
import { K8sFileLog } from "./k8s-file.ts";
import { checkLogPlan } from "./log-driver.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "logs-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const UNLIMITED = { logSizeMax: -1, logGlobalSizeMax: -1, logRotate: false, logMaxFiles: 1 };
const PLAIN = { logLabels: [], noContainerPartialMessage: false };
const STAMP = "2026-03-04T05:06:07.000000089-03:30";
const clock: Sys = {
  ...linuxSys(),
  wallClock: () => ({ sec: 1, nsec: 89 }),
  localTime: () => ({ year: 2026, month: 3, day: 4, hours: 5, minutes: 6, seconds: 7, offset: -12600 }),
};

it("writes full and partial lines with local time and offset", () => {
  const log = new K8sFileLog(clock, join(dir, "log"), UNLIMITED);
  write(log, "stdout", "one\n\ntw");
  write(log, "stderr", "o\n");
  expect(readFileSync(join(dir, "log"), "utf8")).toBe(
    `${STAMP} stdout F one\n${STAMP} stdout F \n${STAMP} stdout P tw\n${STAMP} stderr F o\n`,
  );
  expect(statSync(join(dir, "log")).mode & 0o777).toBe(0o640);
});

it("keeps every byte, also those of other encodings and of batches larger than its buffer", () => {
  const log = new K8sFileLog(clock, join(dir, "log"), UNLIMITED);
  const bytes = Buffer.from(Array.from({ length: 65536 }, (_, index) => (index * 7 + 11) % 256));
  log.write("stdout", Buffer.concat([Buffer.alloc(1), bytes, Buffer.from("stale\n")]), 1, bytes.length + 1);
  log.write("stdout", Buffer.alloc(60000, 10), 0, 60000);
  const lines = readFileSync(join(dir, "log"), "latin1").split("\n").slice(0, -1);
  expect(lines.every((line) => line.startsWith(`${STAMP} stdout `))).toBe(true);
  const content = lines.map((line) => line.slice(STAMP.length + 10) + (line[STAMP.length + 8] === "F" ? "\n" : "")).join("");
  expect(Buffer.compare(Buffer.from(content, "latin1"), Buffer.concat([bytes, Buffer.alloc(60000, 10)]))).toBe(0);
});

it("starts anew at its limit, and drops what is over the global one", () => {
  const log = new K8sFileLog(clock, join(dir, "log"), { ...UNLIMITED, logSizeMax: 150, logGlobalSizeMax: 250 });
  for (const line of ["first\n", "second\n", "third\n", "fourth\n"]) write(log, "stdout", line);
  expect(readFileSync(join(dir, "log"), "utf8")).toBe(`${STAMP} stdout F third\n${STAMP} stdout F fourth\n`);
  for (const line of ["fifth\n", "sixth\n"]) write(log, "stdout", line);
  expect(readFileSync(join(dir, "log"), "utf8")).not.toContain("sixth");
  log.reopen();
  expect(readFileSync(join(dir, "log"), "utf8")).toBe("");
});

it("keeps as many full files as it was told", () => {
  const path = join(dir, "log");
  const log = new K8sFileLog(clock, path, { ...UNLIMITED, logSizeMax: 60, logRotate: true, logMaxFiles: 2 });
  for (const line of ["one\n", "two\n", "three\n", "four\n"]) write(log, "stdout", line);
  const shown = [path, `${path}.1`, `${path}.2`].map((file) => readFileSync(file, "utf8").slice(STAMP.length + 10));
  expect(shown).toEqual(["four\n", "three\n", "two\n"]);
  expect(existsSync(`${path}.3`)).toBe(false);
});

it("checks labels and where the file is", () => {
  const plan = { k8sFile: undefined, journald: true, passthrough: false };
  const options = { cid: "0123456789abcdef", logTag: undefined, logLabels: ["A_1=b"], logAllowlistDirs: [] };
  checkLogPlan(linuxSys(), plan, options);
  for (const label of ["=b", "A", "A=b=c", "a=b"])
    expect(() => checkLogPlan(linuxSys(), plan, { ...options, logLabels: [label] })).toThrow(/label/i);
  const file = { ...plan, journald: false, k8sFile: join(dir, "log") };
  expect(() => checkLogPlan(linuxSys(), file, options)).toThrow("k8s-file doesn't support --log-label");
  const unlabelled = { ...options, logLabels: [] };
  checkLogPlan(linuxSys(), file, { ...unlabelled, logAllowlistDirs: ["/nosuch", dir] });
  expect(() => checkLogPlan(linuxSys(), file, { ...unlabelled, logAllowlistDirs: [`${dir}/below`, "/nosuch"] })).toThrow(
    /no allowed directory/,
  );
});

it("speaks the journal's protocol", () => {
  const sys = linuxSys();
  const path = join(dir, "journal");
  const journal = sys.unixSocket(SOCK_DGRAM);
  sys.bind(journal, path);
  const log = new JournaldLog(sys, { cid: "0123456789abcdef", name: "web", logTag: undefined, ...PLAIN }, path);
  write(log, "stdout", "hello\nwor");
  write(log, "stdout", "ld\nrest");
  write(log, "stderr", "bad\n");
  log.flush();
  const received = [1, 2, 3, 4].map(() => receive(journal));
  expect(received.map((fields) => [fields.MESSAGE, fields.PRIORITY, fields.CONTAINER_PARTIAL_MESSAGE])).toEqual([
    ["hello\n", "6", undefined],
    ["world\n", "6", undefined],
    ["bad\n", "3", undefined],
    ["rest", "6", "true"],
  ]);
  expect(received[0]).toMatchObject({
    CONTAINER_ID_FULL: "0123456789abcdef",
    CONTAINER_ID: "0123456789ab",
    CONTAINER_NAME: "web",
    SYSLOG_IDENTIFIER: "web",
  });
  sys.close(journal);
});

it("sends the journal long lines in marked pieces, byte by byte as they were", () => {
  const sys = linuxSys();
  const path = join(dir, "journal");
  const journal = sys.unixSocket(SOCK_DGRAM);
  sys.bind(journal, path);
  const log = new JournaldLog(sys, { cid: "0123456789abcdef", name: "web", logTag: undefined, ...PLAIN }, path);
  const text = Array.from({ length: 4000 }, (_, index) => index).join(" ");
  write(log, "stdout", text.slice(0, 5000));
  write(log, "stderr", "between\n");
  write(log, "stdout", `${text.slice(5000)}\n`);
  write(log, "stdout", `${"x".repeat(8192)}\nshort\n`);
  const received = [1, 2, 3, 4, 5, 6].map(() => receive(journal));
  expect(received.map((fields) => [fields.MESSAGE?.length, fields.PRIORITY, fields.CONTAINER_PARTIAL_MESSAGE])).toEqual([
    [8, "3", undefined],
    [8192, "6", "true"],
    [8192, "6", "true"],
    [text.length - 2 * 8192 + 1, "6", undefined],
    [8193, "6", undefined],
    [6, "6", undefined],
  ]);
  expect([1, 2, 3].map((index) => received[index]?.MESSAGE).join("")).toBe(`${text}\n`);
  sys.close(journal);
});

it("does not mind a missing journal", () => {
  const log = new JournaldLog(linuxSys(), { cid: "0123456789abcdef", name: undefined, logTag: "tag", ...PLAIN }, join(dir, "none"));
  write(log, "stdout", "lost\n");
});

function write(log: { write: K8sFileLog["write"] }, stream: "stdout" | "stderr", text: string): void {
  const bytes = Buffer.from(`\0${text}`);
  log.write(stream, bytes, 1, bytes.length);
}

/** The fields of one datagram: `NAME=value`, or the name, the length in 64 bits and the value. */
function receive(journal: number): Record<string, string> {
  const buffer = Buffer.alloc(65536);
  const end = linuxSys().recv(journal, buffer, 0, buffer.length, 0x40);
  const fields: Record<string, string> = {};
  for (let at = 0; at < end; at++) {
    const line = buffer.toString("utf8", at, buffer.indexOf(10, at));
    const equals = line.indexOf("=");
    at += Buffer.byteLength(line);
    if (equals >= 0) {
      fields[line.slice(0, equals)] = line.slice(equals + 1);
    } else {
      const length = Number(buffer.readBigUInt64LE(at + 1));
      fields[line] = buffer.toString("utf8", at + 9, at + 9 + length);
      at += 9 + length;
    }
  }
  return fields;
}
