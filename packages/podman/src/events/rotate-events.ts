import { closeSync, openSync, readFileSync, readSync, renameSync, statSync, writeFileSync } from "node:fs";
import { withFileLock } from "@containers/common/fs/file-lock";
import { timestamp } from "../containers/timestamp.ts";
import { formatEventLine } from "./event-line.ts";
import type { Event } from "./event-log.ts";

const ATTRIBUTE = "io.podman.event.rotate";

/** Whether the event is one of the marks around what a rotation kept. */
export function rotationMark({ type, status, attributes }: Event): "begin" | "end" | undefined {
  const mark = type === "system" && status === "log-rotation" ? attributes?.[ATTRIBUTE] : undefined;
  return mark === "begin" || mark === "end" ? mark : undefined;
}

/**
 * Drops the older half of a log that would grow beyond the limit; marks stand around what is kept, by which followers know that they have
 * read it. The original does the same.
 */
export function rotateEvents(path: string, limit: number, next: string): void {
  if (statSync(path).size + next.length < limit) return;
  withFileLock(`${path}.lock`, "write", () => {
    // Somebody else may have done it while this process waited.
    if (statSync(path).size + next.length < limit) return;
    const old = openSync(path, "r");
    try {
      const content = readFileSync(path);
      const half = content.subarray(content.indexOf(10, Math.floor(content.length / 2)) + 1);
      writeFileSync(`${path}.new`, Buffer.concat([mark(path, "begin"), half, mark(path, "end")]), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      // Lines that came meanwhile went into the old file.
      const late = Buffer.alloc(65536);
      const length = readSync(old, late, 0, late.length, content.length);
      if (length > 0) writeFileSync(path, late.subarray(0, length), { flag: "a" });
    } finally {
      closeSync(old);
    }
  });
}

function mark(path: string, which: "begin" | "end"): Buffer {
  return Buffer.from(
    formatEventLine({ type: "system", status: "log-rotation", name: path, time: timestamp(), attributes: { [ATTRIBUTE]: which } }),
  );
}
