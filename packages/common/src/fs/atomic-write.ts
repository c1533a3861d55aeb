import { closeSync, fchmodSync, fsyncSync, lstatSync, openSync, renameSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface AtomicWriteOptions {
  /** Permission bits of the new file, not narrowed by the umask; 0644 unless told. */
  readonly mode?: number;
  /**
   * The caller holds a lock that keeps other writers of this file away. Then the temporary file has one name, and what a killed writer left there goes
   * with the next write.
   */
  readonly locked?: boolean;
  /** Default true. Otherwise the change may be lost in a power cut, but is never seen half done. */
  readonly durable?: boolean;
}

/**
 * Replaces a file as a whole: whoever opens `path`, during the write or after a crash, finds either the old
 * content or the new one. The temporary file is `.tmp-<name>…` in the same directory, removed on failure. What is no file (`/dev/null`,
 * `/dev/stdout`) is written to instead.
 */
export function writeFileAtomic(path: string, data: string | Uint8Array, options: AtomicWriteOptions = {}): void {
  const temporary = options.locked === true ? temporaryName(path, "locked") : temporaryName(path, `${process.pid}-${randomWord()}`);
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  if (!isReplaceable(path)) {
    writeFileSync(path, bytes);
    return;
  }
  const fd = openSync(temporary, options.locked === true ? "w" : "wx", 0o600);
  try {
    try {
      writeAll(fd, bytes);
      fchmodSync(fd, options.mode ?? 0o644);
      if (options.durable !== false) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  if (options.durable !== false) syncDirectory(dirname(path));
}

/** Whether a path may be removed or put in another's place: false for devices, pipes and sockets, which users name to have output go there. */
export function isReplaceable(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined || stat.isFile() || stat.isSymbolicLink() || stat.isDirectory();
}

/** Makes the entries of a directory durable: a rename is, only after this. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function temporaryName(path: string, ending: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `${dirname(path)}/.tmp-${name.slice(0, 200)}-${ending}`;
}

function randomWord(): string {
  return Math.floor(Math.random() * 2 ** 40).toString(36);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written, bytes.length - written);
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // the failure that is on its way up says more
  }
}
