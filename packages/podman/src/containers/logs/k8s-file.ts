import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { errnoCode } from "@containers/common/sys/sys-error";

export interface RawLogLine {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly partial: boolean;
}

export interface FollowOptions {
  /** Only so many last lines of what is there already. */
  readonly tail: number | undefined;
  readonly follow: boolean;
  /** Whether nothing more will be written. */
  isEnded(): boolean;
  readonly signal: AbortSignal | undefined;
}

const CHUNK = 262144;
/** Milliseconds between looks at a file that is followed. */
const INTERVAL = 40;

/** `TIME STREAM F|P TEXT`; undefined for what is no such line. */
export function parseLogLine(line: string): RawLogLine | undefined {
  const match = /^(\S+) (stdout|stderr) ([FP]) /.exec(line);
  const [head, time, stream, tag] = match ?? [];
  if (head === undefined || time === undefined) return undefined;
  return { time, stream: stream === "stderr" ? "stderr" : "stdout", text: line.slice(head.length), partial: tag === "P" };
}

/** Lines of a k8s-file log. A file that is replaced (the monitor's rotation) is read to its end and then the new one from its start. */
export async function* followFile(path: string, options: FollowOptions): AsyncGenerator<RawLogLine> {
  let fd = openLog(path);
  let position = fd === undefined ? 0 : options.tail === undefined ? 0 : tailPosition(fd, options.tail);
  let rest = "";
  try {
    for (;;) {
      // Asked before reading: what was written until the end is then surely read.
      const ended = !options.follow || options.isEnded();
      for (let chunk = read(fd, position); chunk.length > 0; chunk = read(fd, position)) {
        position += chunk.length;
        const lines = (rest + chunk.toString("latin1")).split("\n");
        rest = lines.pop() ?? "";
        yield* lines.flatMap((line) => parseLogLine(Buffer.from(line, "latin1").toString("utf8")) ?? []);
      }
      if (ended || options.signal?.aborted === true) return;
      await delay(INTERVAL);
      const next = reopened(path, fd);
      if (next !== undefined) {
        if (fd !== undefined) closeSync(fd);
        [fd, position, rest] = [next, 0, ""];
      }
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A descriptor of the log; undefined when there is none yet. */
export function openLog(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function read(fd: number | undefined, position: number): Buffer {
  if (fd === undefined) return Buffer.alloc(0);
  const buffer = Buffer.allocUnsafe(CHUNK);
  return buffer.subarray(0, readSync(fd, buffer, 0, CHUNK, position));
}

/**
 * Byte position at which the last `count` lines begin. Parts of one line (partial entries) count as the one line that they are, also when its end
 * has not come yet.
 */
export function tailPosition(fd: number, count: number): number {
  const { size } = fstatSync(fd);
  if (count === 0) return size;
  const wanted = { lines: 0, isLast: true };
  let carry = Buffer.alloc(0);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const block = Buffer.concat([readExactly(fd, start, end - start), carry]);
    const found = scanBackwards(block, count, wanted, start === 0);
    if (found.position !== undefined) return start + found.position;
    carry = Buffer.from(block.subarray(0, found.unscanned));
    end = start;
  }
  return 0;
}

function scanBackwards(
  block: Buffer,
  count: number,
  state: { lines: number; isLast: boolean },
  isFirst: boolean,
): { position?: number; unscanned: number } {
  let end = block.length;
  while (end > 0) {
    const previous = end >= 2 ? block.lastIndexOf(10, end - 2) : -1;
    if (previous < 0 && !isFirst) return { unscanned: end };
    const start = previous + 1;
    const counts = state.isLast || isFullLine(block, start, end);
    state.isLast = false;
    if (counts) {
      if (state.lines === count) return { position: end, unscanned: 0 };
      state.lines += 1;
    }
    end = start;
    if (previous < 0) break;
  }
  return isFirst ? { position: 0, unscanned: 0 } : { unscanned: 0 };
}

function isFullLine(block: Buffer, start: number, end: number): boolean {
  const head = block.toString("latin1", start, Math.min(end, start + 60));
  return / (stdout|stderr) F /.test(head);
}

function readExactly(fd: number, start: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** A descriptor of the file that stands at the path now, when it is another one than ours. */
function reopened(path: string, fd: number | undefined): number | undefined {
  try {
    if (fd !== undefined && statSync(path).ino === fstatSync(fd).ino) return undefined;
    return openLog(path);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
