import { fstatSync, readSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";

/** The parts of a SIF file (Singularity Image Format, version 1) that make an image. */
export interface SifFile {
  /** As Go names architectures; `unknown` where the file does not tell. */
  readonly architecture: string;
  readonly uuid: string;
  /** Seconds since 1970. */
  readonly modified: bigint;
  /** Where the primary system partition lies. */
  rootFileSystem(): SifObject;
  /** The text of the definition file that the image was built from; undefined where there is none, or more than one. */
  definition(): string | undefined;
}

/** A run of bytes in the file. */
export interface SifObject {
  readonly offset: number;
  readonly size: number;
}

const HEADER_BYTES = 128;
const DESCRIPTOR_BYTES = 585;
const DATA_DEFINITION = 0x4001;
const DATA_PARTITION = 0x4004;
const PRIMARY_SYSTEM = 2;
/** Singularity itself makes room for 48. */
const MAX_DESCRIPTORS = 65_536;
const MAX_DEFINITION_BYTES = 4 << 20;

const ARCHITECTURES: readonly string[] = [
  "unknown",
  "386",
  "amd64",
  "arm",
  "arm64",
  "ppc64",
  "ppc64le",
  "mips",
  "mipsle",
  "mips64",
  "mips64le",
  "s390x",
  "riscv64",
  "loong64",
];

interface Descriptor extends SifObject {
  readonly type: number;
  /** Of partitions: what they hold. */
  readonly partition: number;
}

/** Reads header and descriptors. The descriptor stays the caller's, and open. @throws corrupt for what is no SIF file of version 1 */
export function readSifFile(fd: number): SifFile {
  const { size } = fstatSync(fd);
  const header = readAt(fd, { offset: 0, size: HEADER_BYTES }, "reading global header");
  if (header.toString("latin1", 32, 42) !== "SIF_MAGIC\0") throw new ToolError("corrupt", "invalid SIF magic");
  if (header.toString("latin1", 42, 45) !== "01\0") throw new ToolError("corrupt", "incompatible SIF version");
  const total = header.readBigInt64LE(88);
  const descriptors = total === header.readBigInt64LE(80) ? undefined : readDescriptors(fd, header, total);
  const find = (accepts: (descriptor: Descriptor) => boolean): SifObject => only(descriptors, accepts, size);
  return {
    architecture: ARCHITECTURES[Number(header.toString("latin1", 45, 47))] ?? "unknown",
    uuid: uuidOf(header.subarray(48, 64)),
    modified: header.readBigInt64LE(72),
    rootFileSystem: () => find(({ type, partition }) => type === DATA_PARTITION && partition === PRIMARY_SYSTEM),
    definition() {
      const object = orUndefined(() => find(({ type }) => type === DATA_DEFINITION));
      if (object === undefined) return undefined;
      if (object.size > MAX_DEFINITION_BYTES)
        throw new ToolError("corrupt", `the SIF definition file of ${object.size} bytes is too large`);
      return readAt(fd, object, "reading the SIF definition file").toString("utf8");
    },
  };
}

function readDescriptors(fd: number, header: Buffer, total: bigint): readonly Descriptor[] {
  if (total < 0n || total > MAX_DESCRIPTORS) throw new ToolError("corrupt", `reading descriptors: ${total} of them cannot be`);
  const offset = Number(header.readBigInt64LE(96));
  const table = readAt(fd, { offset, size: Number(total) * DESCRIPTOR_BYTES }, "reading descriptors");
  return Array.from({ length: Number(total) }, (_, index) => table.subarray(index * DESCRIPTOR_BYTES, (index + 1) * DESCRIPTOR_BYTES))
    .filter((raw) => raw[4] === 1)
    .map((raw) => ({
      type: raw.readInt32LE(0),
      offset: Number(raw.readBigInt64LE(17)),
      size: Number(raw.readBigInt64LE(25)),
      partition: raw.readInt32LE(205),
    }));
}

function only(descriptors: readonly Descriptor[] | undefined, accepts: (descriptor: Descriptor) => boolean, fileSize: number): SifObject {
  if (descriptors === undefined) throw new ToolError("not-found", "no objects in image");
  const [found, another] = descriptors.filter(accepts);
  if (found === undefined) throw new ToolError("not-found", "object not found");
  if (another !== undefined) throw new ToolError("corrupt", "multiple objects found");
  if (found.offset < 0 || found.size < 0 || found.offset + found.size > fileSize)
    throw new ToolError("corrupt", `an object of ${found.size} bytes at ${found.offset} goes beyond the file's ${fileSize} bytes`);
  return found;
}

function orUndefined<T>(deed: () => T): T | undefined {
  try {
    return deed();
  } catch {
    return undefined;
  }
}

function readAt(fd: number, { offset, size }: SifObject, doing: string): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const count = offset < 0 ? 0 : readSync(fd, bytes, at, size - at, offset + at);
    if (count === 0) throw new ToolError("corrupt", `${doing}: unexpected EOF`);
    at += count;
  }
  return bytes;
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
