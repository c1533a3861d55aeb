import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import { runSync } from "@containers/common/process/run";
import type { FollowOptions, RawLogLine } from "./k8s-file.ts";

/** Milliseconds between looks at a journal that is followed, and for which a container's last words may still be on their way to it. */
const INTERVAL = 200;

/** The lines of a container in the system's journal, through journalctl(1): oldest first, each of the monitor's records once. */
export async function* followJournal(containerId: string, options: FollowOptions): AsyncGenerator<RawLogLine> {
  let cursor: string | undefined;
  let ended = false;
  let isFirst = true;
  for (;;) {
    const last = !options.follow || ended;
    const records =
      isFirst && options.tail !== undefined ? lastRecords(containerId, options.tail) : readJournal(containerId, cursor, undefined);
    if (!isFirst || options.tail !== 0) for (const { line } of records) yield line;
    cursor = records.at(-1)?.cursor ?? cursor;
    isFirst = false;
    if (last || options.signal?.aborted === true) return;
    // Asked before the wait: what was written until the end is then surely in the journal.
    ended = options.isEnded();
    await delay(INTERVAL);
  }
}

/** With a tail of 0 as with one of 1: whoever follows must know where the journal ends now. */
function lastRecords(containerId: string, tail: number): JournalRecord[] {
  return readTail((count) => readJournal(containerId, undefined, count), Math.max(1, tail));
}

/** The records of the last `tail` lines. A line may be in several of them, so that it is seen only then how many it takes; an unfinished last line does not count. */
export function readTail<R extends { readonly line: Pick<RawLogLine, "partial"> }>(read: (count: number) => R[], tail: number): R[] {
  for (let count = tail + 2; ; count *= 2) {
    const records = read(count);
    let lines = 0;
    for (let at = records.length - 1; at >= 0; at--) {
      if (records[at]?.line.partial !== true && lines++ === tail) return records.slice(at + 1);
    }
    if (records.length < count) return records;
  }
}

interface JournalRecord {
  readonly cursor: string;
  readonly line: RawLogLine;
}

function readJournal(containerId: string, after: string | undefined, tail: number | undefined): JournalRecord[] {
  const { exitCode, stdout, stderr } = runSync("journalctl", [
    "--quiet",
    "--no-pager",
    "--output=json",
    "--all",
    ...(after === undefined ? [] : [`--after-cursor=${after}`]),
    ...(tail === undefined ? [] : [`--lines=${tail}`]),
    `CONTAINER_ID_FULL=${containerId}`,
  ]);
  // 1 is also what it answers when nothing fits.
  if (exitCode !== 0 && stderr.length > 0) throw new ToolError("unavailable", `cannot read the journal: ${stderr.toString().trim()}`);
  return stdout
    .toString("utf8")
    .split("\n")
    .flatMap((text) => parseJournalRecord(text) ?? []);
}

/** One line of `journalctl --output=json`; undefined for what is no record of a container's output. */
export function parseJournalRecord(text: string): JournalRecord | undefined {
  if (text === "") return undefined;
  const record = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const message = messageText(record["MESSAGE"]);
  const { __CURSOR: cursor, __REALTIME_TIMESTAMP: micros } = record;
  if (message === undefined || typeof cursor !== "string" || typeof micros !== "string") return undefined;
  return {
    cursor,
    line: {
      time: timeOf(micros),
      // LOG_ERR; all else is LOG_INFO.
      stream: record["PRIORITY"] === "3" ? "stderr" : "stdout",
      // the original's monitor sends the end of a line with it
      text: message.endsWith("\n") ? message.slice(0, -1) : message,
      partial: record["CONTAINER_PARTIAL_MESSAGE"] === "true",
    },
  };
}

/** journalctl prints what is not UTF-8 as a list of bytes. */
function messageText(message: unknown): string | undefined {
  if (Array.isArray(message)) return Buffer.from(message as number[]).toString("utf8");
  return typeof message === "string" ? message : undefined;
}

/** Microseconds since the epoch as RFC 3339. */
function timeOf(micros: string): string {
  const digits = micros.padStart(7, "0");
  const seconds = new Date(Number(digits.slice(0, -6)) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${digits.slice(-6)}000+00:00`;
}
