import { readFileSync, writeFileSync } from "node:fs";
import { runSync } from "@containers/common/process/run";

export interface SifParts {
  /** Text of the definition file. */
  readonly definition?: string;
  /** As the header names architectures: `02` is amd64. */
  readonly architecture?: string;
  /** Seconds since 1970. */
  readonly modified?: number;
}

const DATA_START = 32_768;
const DESCRIPTORS = 48;

/** Writes a SIF file whose primary system partition is a squashfs of the directory; needs `mksquashfs`. */
export function writeSifImage(path: string, directory: string, parts: SifParts = {}): void {
  const squash = `${path}.squashfs`;
  const made = runSync("mksquashfs", [directory, squash, "-noappend", "-no-progress", "-quiet"]);
  if (made.exitCode !== 0) throw new Error(`mksquashfs: ${made.stderr.toString()}`);
  const objects = [
    ...(parts.definition === undefined ? [] : [{ type: 0x4001, bytes: Buffer.from(parts.definition) }]),
    { type: 0x4004, bytes: readFileSync(squash) },
  ];
  let offset = DATA_START;
  const table = Buffer.alloc(DESCRIPTORS * 585);
  for (const [index, { type, bytes }] of objects.entries()) {
    writeDescriptor(table.subarray(index * 585), { type, id: index + 1, offset, size: bytes.length });
    offset += bytes.length;
  }
  const header = sifHeader({ used: objects.length, dataSize: offset - DATA_START, ...parts });
  const gap = Buffer.alloc(DATA_START - header.length - table.length);
  writeFileSync(path, Buffer.concat([header, table, gap, ...objects.map(({ bytes }) => bytes)]));
}

function sifHeader(of: SifParts & { readonly used: number; readonly dataSize: number }): Buffer {
  const header = Buffer.alloc(128);
  header.write("#!/usr/bin/env run-singularity\n", 0, "latin1");
  header.write("SIF_MAGIC\0", 32, "latin1");
  header.write("01\0", 42, "latin1");
  header.write(`${of.architecture ?? "02"}\0`, 45, "latin1");
  header.write("00112233445566778899aabbccddeeff", 48, "hex");
  const numbers = [of.modified ?? 0, of.modified ?? 0, DESCRIPTORS - of.used, DESCRIPTORS, 128, DESCRIPTORS * 585, DATA_START, of.dataSize];
  for (const [index, value] of numbers.entries()) header.writeBigInt64LE(BigInt(value), 64 + index * 8);
  return header;
}

function writeDescriptor(
  raw: Buffer,
  of: { readonly type: number; readonly id: number; readonly offset: number; readonly size: number },
): void {
  raw.writeInt32LE(of.type, 0);
  raw[4] = 1;
  raw.writeUInt32LE(of.id, 5);
  raw.writeUInt32LE(0xf0000001, 9);
  raw.writeBigInt64LE(BigInt(of.offset), 17);
  raw.writeBigInt64LE(BigInt(of.size), 25);
  raw.writeBigInt64LE(BigInt(of.size), 33);
  raw.write(of.type === 0x4004 ? "rootfs.img" : "definition", 73, "latin1");
  if (of.type !== 0x4004) return;
  raw.writeInt32LE(1, 201);
  raw.writeInt32LE(2, 205);
  raw.write("02\0", 209, "latin1");
}
