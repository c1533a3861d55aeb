import fs from "node:fs";
import zlib from "node:zlib";
import { ToolError } from "@containers/common/errors/tool-error";
import { encodeName } from "@containers/common/fs/raw-names";
import { Crc64 } from "./crc64.ts";
import type { TarEntry } from "./tar-entry.ts";
import { cleanTarName } from "./tar-names.ts";

/** Takes lines of tar-split data into an open file that stays the caller's: gzip in members, so that memory stays bounded. */
export function gzipMembersTo(fd: number): (lines: string) => void {
  return (lines) => {
    const member = zlib.gzipSync(lines, { level: 1 });
    for (let at = 0; at < member.length; ) at += fs.writeSync(fd, member, at);
  };
}

/** Raw bytes of the archive are written out at the latest when this many wait. */
const MAXIMUM_SEGMENT = 1 << 20;
const MEMBER_SIZE = 1 << 20;

/**
 * Writes a layer's tar-split file (`ID.tar-split.gz`): what has to be put between the files' contents to get the archive
 * back byte for byte. JSON lines, type 2 for raw bytes and type 1 for a file's place with its CRC-64, in the format of
 * vbatts/tar-split.
 *
 * Sparse files are stored raw with size 0: their stored form cannot be made again out of the file on disk.
 */
export class TarSplitWriter {
  readonly #write: (lines: string) => void;
  readonly #crc = new Crc64();
  readonly #names = new Set<string>();
  readonly #raw = Buffer.allocUnsafe(MAXIMUM_SEGMENT);
  #rawLength = 0;
  #lines: string[] = [];
  #pending = 0;
  #position = 0;
  #current: TarEntry | undefined;

  /** Gives `write` the lines, about a megabyte at a time. */
  constructor(write: (lines: string) => void) {
    this.#write = write;
  }

  raw(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#rawLength === MAXIMUM_SEGMENT) this.#flushSegment();
      const length = Math.min(bytes.length - at, MAXIMUM_SEGMENT - this.#rawLength);
      this.#raw.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), this.#rawLength);
      this.#rawLength += length;
      at += length;
    }
  }

  /** Throws `unsupported` when the archive names a path twice, which this format (and the original) cannot give back. */
  entry(entry: TarEntry): void {
    const name = cleanTarName(entry.name);
    if (this.#names.has(name)) {
      throw new ToolError(
        "unsupported",
        `archive has more than one entry for ${JSON.stringify(name.slice(0, 200))}: duplicates of file paths not supported`,
      );
    }
    this.#names.add(name);
    this.#flushSegment();
    this.#current = entry;
    this.#crc.reset();
    if (entry.sparse !== undefined) this.#file(entry, 0);
  }

  data(bytes: Uint8Array): void {
    if (this.#current?.sparse === undefined) this.#crc.update(bytes);
  }

  endEntry(): void {
    if (this.#current !== undefined && this.#current.sparse === undefined) this.#file(this.#current, this.#current.size);
    this.#current = undefined;
  }

  /** Writes what is left. */
  finish(): void {
    this.#flushSegment();
    this.#flushLines();
  }

  #file(entry: TarEntry, size: number): void {
    const name = entry.name.isWellFormed()
      ? `"name":${JSON.stringify(entry.name)}`
      : `"name_raw":"${encodeName(entry.name).toString("base64")}"`;
    const checksum = size === 0 ? "null" : `"${Buffer.from(this.#crc.digest()).toString("base64")}"`;
    this.#line(`{"type":1,${name},${size === 0 ? "" : `"size":${size},`}"payload":${checksum},"position":${this.#position++}}\n`);
  }

  #flushSegment(): void {
    if (this.#rawLength === 0) return;
    this.#line(`{"type":2,"payload":"${this.#raw.toString("base64", 0, this.#rawLength)}","position":${this.#position++}}\n`);
    this.#rawLength = 0;
  }

  #line(line: string): void {
    this.#lines.push(line);
    this.#pending += line.length;
    if (this.#pending >= MEMBER_SIZE) this.#flushLines();
  }

  #flushLines(): void {
    if (this.#pending === 0) return;
    this.#write(this.#lines.join(""));
    this.#lines = [];
    this.#pending = 0;
  }
}
