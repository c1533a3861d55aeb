import { closeSync, fsyncSync, ftruncateSync, openSync, statfsSync, statSync, writeSync } from "node:fs";

/** In bytes. */
export interface ReserveSize {
  /** Of the whole file; there must be {@link PLENTY} to make it. */
  readonly whole: number;
  /** What is given up when less than that is free: who fills the disk may take that, too, and the next command needs some again. */
  readonly portion: number;
}

export const STORE_RESERVE: ReserveSize = { whole: 4 << 20, portion: 256 << 10 };
/** Locks, exit codes and pids are small. */
export const RUN_RESERVE: ReserveSize = { whole: 1 << 20, portion: 64 << 10 };

const PLENTY = 32 << 20;
const NAME = ".podman-reserve";

/**
 * Keeps a file in a directory for the day when its disk is full, and gives it up by and by on that day: `stop`, `rm` and `exec` write
 * records before they can free anything. The next call with enough room makes it again.
 */
export function keepReserve(directory: string, { whole, portion }: ReserveSize): void {
  try {
    const { bavail, bsize } = statfsSync(directory);
    const free = bavail * bsize;
    if (free >= portion && free < PLENTY) return;
    const file = `${directory}/${NAME}`;
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (free >= PLENTY && size < whole) make(file, whole);
    if (free < portion && size > 0) cut(file, Math.max(0, size - portion));
  } catch {
    // No directory yet, or one that cannot be written: whoever writes next says so.
  }
}

/** The same for a directory that is on another disk than `store`. */
export function keepOtherReserve(directory: string, store: string, size: ReserveSize): void {
  const [device, other] = [directory, store].map((path) => statSync(path, { throwIfNoEntry: false })?.dev);
  if (device !== undefined && device !== other) keepReserve(directory, size);
}

/** Written, not only extended: a hole takes no room. */
function make(file: string, size: number): void {
  const fd = openSync(file, "w", 0o600);
  try {
    writeSync(fd, Buffer.alloc(size));
  } finally {
    closeSync(fd);
  }
}

/** Flushed, because blocks count as free only once their release is on the disk. */
function cut(file: string, size: number): void {
  const fd = openSync(file, "r+");
  try {
    ftruncateSync(fd, size);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
