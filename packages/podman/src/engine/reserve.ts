import { closeSync, fsyncSync, openSync, statfsSync, statSync, writeSync } from "node:fs";

/** Bytes of the file that is kept for a full disk, and of what is free when it is given up; it is made again only where there is plenty. */
const SIZE = 1 << 20;
const PLENTY = 32 << 20;
const NAME = ".podman-reserve";

/**
 * Keeps a file of {@link SIZE} bytes in a directory for the day when its disk is full, and empties it on that day: `stop`, `rm` and `exec` write
 * records before they can free anything. The next call with enough room makes it again.
 */
export function keepReserve(directory: string): void {
  try {
    const { bavail, bsize } = statfsSync(directory);
    const free = bavail * bsize;
    if (free >= SIZE && free < PLENTY) return;
    const file = `${directory}/${NAME}`;
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (free < SIZE ? size > 0 : size < SIZE) write(file, free < SIZE ? 0 : SIZE);
  } catch {
    // No directory yet, or one that cannot be written: whoever writes next says so.
  }
}

/** Written, not only extended: a hole takes no room. Flushed, because blocks count as free only once their release is on the disk. */
function write(file: string, size: number): void {
  const fd = openSync(file, "w", 0o600);
  try {
    if (size > 0) writeSync(fd, Buffer.alloc(size));
    else fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
