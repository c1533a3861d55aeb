import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { openRegularFile } from "@containers/common/fs/regular-file";

const READ_CHUNK = 256 << 10;

/** Appends the whole stream to the descriptor; the number of bytes. */
export async function writeStream(fd: number, stream: ByteStream): Promise<number> {
  let size = 0;
  for await (const chunk of stream) {
    writeFully(fd, chunk);
    size += chunk.length;
  }
  return size;
}

/** Writes all of the bytes at the descriptor's position. Synchronous: the page cache takes them at memory speed. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      // A pipe that was made non-blocking by whoever shares it.
      if (isErrno(error, "EAGAIN")) Bun.sleepSync(1);
      else throw error;
    }
  }
}

/** `size` bytes of an open file from `offset` on. Throws corrupt when the file ends before. The descriptor stays open. */
export async function* readRange(fd: number, offset: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; ) {
    // A fresh buffer each time: whoever reads may keep the chunk.
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_CHUNK, size - at));
    const count = readSync(fd, buffer, 0, buffer.length, offset + at);
    if (count === 0) throw new ToolError("corrupt", `unexpected end of file: expected ${size} bytes, found ${at}`);
    at += count;
    yield buffer.subarray(0, count);
  }
}

/**
 * The bytes of a regular file; it is closed when the stream ends or is given up. `borrowed`: each piece is used before the next is asked for, and
 * all are read into the same memory.
 */
export async function* readFileStream(path: string, { borrowed }: { readonly borrowed?: boolean } = {}): AsyncGenerator<Uint8Array> {
  const fd = openRegularFile(path);
  try {
    for (let buffer = Buffer.allocUnsafeSlow(READ_CHUNK); ; buffer = borrowed === true ? buffer : Buffer.allocUnsafeSlow(READ_CHUNK)) {
      const count = readSync(fd, buffer, 0, buffer.length, null);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(fd);
  }
}

/** Where large temporary files go: not /tmp, which is often memory. */
export function temporaryDirectory(configured: string | undefined): string {
  return configured ?? process.env["TMPDIR"] ?? "/var/tmp";
}

/** An open file that has no name, so that the kernel takes its space back when we close it or die. */
export function openUnnamedFile(directory: string): number {
  const holder = mkdtempSync(join(directory, "container_images_"));
  const path = join(holder, "blob");
  try {
    const fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return fd;
  } finally {
    rmdirSync(holder);
  }
}

/** True for a system error with this errno name. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** A system error of node:fs in the words of the field: `open /x: no such file or directory`. */
export function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error) || !("path" in error)) return error;
  const code = String(error.code);
  const text = ERRNO_TEXT[code] ?? error.message;
  const kind = code === "ENOENT" ? "not-found" : code === "EACCES" || code === "EPERM" ? "denied" : "internal";
  return new ToolError(kind, `${String(error.syscall)} ${String(error.path)}: ${text}`, { code: code.toLowerCase() });
}

const ERRNO_TEXT: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOSPC: "no space left on device",
  EROFS: "read-only file system",
};
