import { fstatSync, writeSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { visibleText } from "../report/visible-text.ts";
import type { Output } from "./define-command.ts";

/** The code of the error that a closed standard output raises; nothing is printed for it. */
export const brokenPipe = "broken-pipe";

/** Clears a terminal and starts again at its top. */
export const clearScreen: Uint8Array = Buffer.from("\x1b[2J\x1b[H");

/**
 * Standard output and error of this process. Writes are synchronous and by descriptor: `process.stdout` alone costs more
 * than all else that a short command does.
 */
export function processOutput(): Output {
  return {
    stdout: (text) => writeFully(1, printable(1, text)),
    stderr: (text) => {
      try {
        writeFully(2, printable(2, text));
      } catch {
        // Nobody is left to tell.
      }
    },
    get isTerminal() {
      return isTerminal(1);
    },
  };
}

/** Text is made fit for a terminal; bytes are what a container wrote, or sequences that we mean. */
function printable(fd: number, text: string | Uint8Array): string | Uint8Array {
  return typeof text === "string" && isTerminal(fd) ? visibleText(text) : text;
}

/** Whether the descriptor is a terminal, from its device number: loading node:tty would cost milliseconds. */
export function isTerminal(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    if (!status.isCharacterDevice()) return false;
    const major = (status.rdev >> 8) & 0xfff;
    return major === 4 || major === 5 || (major >= 136 && major <= 143) || major === 204 || major === 229;
  } catch {
    return false;
  }
}

/**
 * Writes all of it, waiting where the descriptor is non-blocking and full.
 * @throws ToolError with code `broken-pipe` when the reader is gone
 */
export function writeFully(fd: number, data: string | Uint8Array): void {
  let rest = typeof data === "string" ? Buffer.from(data) : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") Bun.sleepSync(1);
      else if (code === "EPIPE") throw new ToolError("cancelled", "the reader of the output is gone", { code: brokenPipe, exitCode: 141 });
      else if (code !== "EINTR") throw error;
    }
  }
}
