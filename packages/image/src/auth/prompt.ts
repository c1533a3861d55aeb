import { readSync } from "node:fs";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";

/** Asks the person at the terminal. */
export interface Prompt {
  /** A line as typed; throws when the input ends before it. */
  readLine(question: string): string;
  /** As {@link readLine}, without showing what is typed. */
  readSecret(question: string): string;
  /** All of standard input, for `--password-stdin`. */
  readInput(): string;
}

const lineFeed = 10;
const carriageReturn = 13;

/** Asks on standard output and reads standard input, descriptor by descriptor: what follows the answer stays unread. */
export function terminalPrompt(print: (text: string) => void): Prompt {
  return {
    readLine(question) {
      print(question);
      return readLine();
    },
    readSecret(question) {
      print(question);
      if (!isTerminal(0)) return readLine();
      const sys = linuxSys();
      const saved = sys.makeRaw(0);
      try {
        return readLine();
      } finally {
        sys.setTerminalAttributes(0, saved);
        print("\n");
      }
    },
    readInput() {
      const chunks: Buffer[] = [];
      const chunk = Buffer.alloc(4096);
      for (let count = readSync(0, chunk); count > 0; count = readSync(0, chunk)) chunks.push(Buffer.from(chunk.subarray(0, count)));
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}

/** One byte at a time, so that nothing beyond the line is taken from a pipe. Control-C and Control-D end a raw terminal's line. */
function readLine(): string {
  const bytes: number[] = [];
  const byte = Buffer.alloc(1);
  for (;;) {
    if (readSync(0, byte) === 0) {
      if (bytes.length === 0) throw new ToolError("invalid-argument", "reading from standard input: unexpected end of input");
      break;
    }
    const value = byte[0] ?? 0;
    if (value === lineFeed || value === carriageReturn) break;
    if (value === 3 || (value === 4 && bytes.length === 0)) throw new ToolError("cancelled", "interrupted");
    if (value === 127 || value === 8) bytes.pop();
    else bytes.push(value);
  }
  return Buffer.from(bytes).toString("utf8");
}
