import { AT_FDCWD, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/*
 * Small files, through system calls of our own: the runtime's module for files is 400 kB in each of a machine's monitors.
 */

const PIECE = 4096;

/** All of a file as UTF-8. Throws SysError. */
export function readText(sys: MonitorSys, path: string): string {
  const fd = sys.openat2(AT_FDCWD, path, O_RDONLY, 0, 0);
  try {
    const pieces: Buffer[] = [];
    for (;;) {
      const piece = Buffer.alloc(PIECE);
      const length = sys.read(fd, piece, 0, PIECE);
      if (length === 0) return Buffer.concat(pieces).toString();
      pieces.push(piece.subarray(0, length));
    }
  } finally {
    sys.close(fd);
  }
}

/** Like {@link readText}, but undefined when the file cannot be read. */
export function readIfThere(sys: MonitorSys, path: string): string | undefined {
  try {
    return readText(sys, path);
  } catch {
    return undefined;
  }
}

/** Writes a whole file, in place; it is made when it is not there. `durable`: it is on the disk afterwards. Throws SysError. */
export function writeText(sys: MonitorSys, path: string, text: string, options: { mode?: number; durable?: boolean } = {}): void {
  const fd = sys.openat2(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, options.mode ?? 0o644, 0);
  try {
    writeAll(sys, fd, text);
    if (options.durable === true) sys.fsync(fd);
  } finally {
    sys.close(fd);
  }
}

/** Writes all of the text to a descriptor. Throws SysError. */
export function writeAll(sys: MonitorSys, fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += sys.write(fd, bytes, at, bytes.length - at);
}

export function exists(sys: MonitorSys, path: string): boolean {
  return sys.accessible(path, 0) === undefined;
}

/** Removes a file (or a symbolic link); none is fine. Throws SysError for anything else. */
export function removeIfThere(sys: MonitorSys, path: string): void {
  try {
    sys.unlinkat(AT_FDCWD, path, 0);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
  }
}

export function rename(sys: MonitorSys, from: string, to: string): void {
  sys.renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}
