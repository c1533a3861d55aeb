import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errnoCode } from "@containers/common/sys/sys-error";
import { timestamp } from "../containers/timestamp.ts";
import { formatEventLine, parseEventLine } from "./event-line.ts";
import type { Event, EventLog } from "./event-log.ts";
import { rotateEvents, rotationMark } from "./rotate-events.ts";

/** How often a follower looks for new lines, in milliseconds. */
const FOLLOW_INTERVAL = 100;

type ReadOptions = Parameters<EventLog["read"]>[0];

/**
 * The `file` backend: a line per event in the file that the original uses too. A line is one append of less than a page, which the
 * kernel does not tear, so no lock is taken.
 */
export function fileEventLog(path: string, limit = 0): EventLog {
  return {
    backend: "file",
    write(event) {
      const line = formatEventLine({ ...event, time: event.time ?? timestamp() });
      try {
        if (limit > 0 && isLarge(path, limit, line.length)) rotateEvents(path, limit, line);
        append(path, line);
      } catch {
        // An event that cannot be noted (a full or read-only file system) must not fail the deed itself.
      }
    },
    read: (options) => readEvents(path, options),
  };
}

/** The `none` backend. */
export function noEventLog(): EventLog {
  return {
    backend: "none",
    write: () => undefined,
    async *read() {},
  };
}

function isLarge(path: string, limit: number, more: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) + more >= limit;
}

function append(path: string, line: string): void {
  try {
    appendFileSync(path, line, { mode: 0o600 });
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, line, { mode: 0o600 });
  }
}

async function* readEvents(path: string, options: ReadOptions): AsyncGenerator<Event> {
  const reader = lineReader(path);
  const begun = Date.now();
  let known = false;
  try {
    for (;;) {
      for (const line of reader.newLines()) {
        const event = parseEventLine(line);
        if (event === undefined) continue;
        // What a rotation has kept was read before it.
        const mark = rotationMark(event);
        if (mark === "begin" && Date.parse(event.time) > begun) known = true;
        if (mark === "end") known = false;
        if (!known && isWithin(event, options)) yield event;
      }
      const past = options.until !== undefined && Date.now() > options.until;
      if (options.follow !== true || past || options.signal?.aborted === true) return;
      await delay(FOLLOW_INTERVAL);
    }
  } finally {
    reader.close();
  }
}

function isWithin(event: Event, options: ReadOptions): boolean {
  const at = Date.parse(event.time);
  return at >= (options.since ?? 0) && at <= (options.until ?? Number.POSITIVE_INFINITY);
}

/** Complete lines as they come; the file may not be there yet. */
function lineReader(path: string): { newLines(): string[]; close(): void } {
  let fd: number | undefined;
  let rest = Buffer.alloc(0);
  const chunk = Buffer.alloc(65536);
  return {
    newLines() {
      fd ??= openIfPresent(path);
      if (fd === undefined) return [];
      const replaced = statSync(path, { throwIfNoEntry: false })?.ino !== fstatSync(fd).ino;
      for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk))
        rest = Buffer.concat([rest, chunk.subarray(0, length)]);
      if (replaced) {
        closeSync(fd);
        fd = undefined;
      }
      const end = rest.lastIndexOf(10) + 1;
      const lines = rest
        .subarray(0, end)
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "");
      rest = rest.subarray(end);
      return lines;
    },
    close() {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
