import { AT_FDCWD, O_NONBLOCK, O_RDONLY, O_WRONLY, POLLIN } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { MonitorError } from "../diagnostics.ts";
import type { PollLoop } from "../poll-loop.ts";

/** Longer lines are no messages. */
const LONGEST_LINE = 200;

/**
 * A fifo in the bundle that is read line by line. Its write end is open here too, or the last writer's
 * leaving would be reported without end.
 */
export function readFifo(ports: { sys: MonitorSys; loop: PollLoop }, path: string, onLine: (line: string) => void): void {
  const { sys, loop } = ports;
  makeFifo(sys, path);
  const reader = sys.openat2(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0, 0);
  sys.openat2(AT_FDCWD, path, O_WRONLY, 0, 0);
  const rest = { text: "" };
  const buffer = Buffer.alloc(LONGEST_LINE);
  loop.add(reader, POLLIN, () => {
    const length = sys.read(reader, buffer, 0, buffer.length);
    const lines = (rest.text + buffer.toString("latin1", 0, length)).split("\n");
    rest.text = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) onLine(line);
  });
}

function makeFifo(sys: MonitorSys, path: string): void {
  try {
    try {
      sys.mkfifoat(AT_FDCWD, path, 0o660);
    } catch (error) {
      if (errnoCode(error) !== "EEXIST") throw error;
      sys.unlinkat(AT_FDCWD, path, 0);
      sys.mkfifoat(AT_FDCWD, path, 0o660);
    }
  } catch (error) {
    throw new MonitorError(`Failed to mkfifo at ${path}`, { cause: error });
  }
}
