import { closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { LOCK_EX } from "../../sys/constants.ts";
import { linuxSys } from "../../sys/linux.ts";
import type { Bucket } from "./bolt-format.ts";
import { readBolt } from "./bolt-read.ts";
import { emptyBolt, writeBolt } from "./bolt-write.ts";

/**
 * One transaction on the original's own address database (`ipam.db`, a bbolt file), so that neither tool
 * gives out an address that the other's container has. `change` edits the content in place and says whether to keep that; the
 * file is locked as bbolt locks it meanwhile, and changes from one valid state to the next even when killed.
 */
export function updateLeases<T>(path: string, change: (root: Bucket) => { readonly result: T; readonly save: boolean }): T {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    linuxSys().flock(file, LOCK_EX);
    if (fstatSync(file).size === 0) writeAt(file, 0, emptyBolt());
    const content = readBolt(readWhole(file), path);
    const { result, save } = change(content.root);
    if (!save) return result;
    const { pages, meta } = writeBolt(content.root, content);
    for (const page of pages) writeAt(file, page.offset, page.bytes);
    fsyncSync(file);
    writeAt(file, meta.offset, meta.bytes);
    fsyncSync(file);
    return result;
  } finally {
    closeSync(file);
  }
}

function readWhole(fd: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  for (let at = 0; at < bytes.length; ) {
    const length = readSync(fd, bytes, at, bytes.length - at, at);
    if (length === 0) break;
    at += length;
  }
  return bytes;
}

function writeAt(fd: number, offset: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
}
