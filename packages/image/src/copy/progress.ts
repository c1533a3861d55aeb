import { writeSync } from "node:fs";
import type { BlobInfo } from "../transports/transport.ts";

/** What is being copied, in the words that are printed. */
export type BlobKind = "blob" | "config";

/** Where a copy tells how far it is. */
export interface ProgressSink {
  /** A line that stays: `Getting image source signatures`. */
  line(text: string): void;
  /** A blob begins to be copied. */
  start(kind: BlobKind, info: BlobInfo): BlobProgress;
  /** Ends the display: what is shown stays as it is. Call it once, whatever happened. */
  close(): void;
}

export interface BlobProgress {
  advance(bytes: number): void;
  /** The blob is there; `outcome` replaces `done`: `skipped: already exists`. */
  done(outcome?: string): void;
  /** The copy of this blob failed or was cancelled. */
  failed(): void;
}

/** Tells nobody (`--quiet`). */
export function silentProgress(): ProgressSink {
  const blob: BlobProgress = { advance: () => undefined, done: () => undefined, failed: () => undefined };
  return { line: () => undefined, start: () => blob, close: () => undefined };
}

/** One line per event, for pipes and files. */
export function plainProgress(write: (text: string) => void): ProgressSink {
  return {
    line: (text) => write(`${text}\n`),
    start(kind, info) {
      write(`Copying ${kind} ${info.digest}\n`);
      return { advance: () => undefined, done: () => undefined, failed: () => undefined };
    },
    close: () => undefined,
  };
}

/** Bars when the descriptor is a terminal, plain lines otherwise. */
export async function progressFor(fd: number): Promise<ProgressSink> {
  const { isatty } = await import("node:tty");
  const write = (text: string): void => writeAll(fd, text);
  if (!isatty(fd)) return plainProgress(write);
  const { terminalProgress } = await import("./terminal-progress.ts");
  return terminalProgress(write);
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") continue;
      // Nobody reads the progress any more; the copy itself goes on.
      return;
    }
  }
}
