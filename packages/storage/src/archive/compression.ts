import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "../store.ts";
import { externalDecompressor } from "./external-decompressor.ts";

export type Compression = "none" | "bzip2" | "gzip" | "xz" | "zstd";

/** In the order of containers/storage's numbers. */
const COMPRESSIONS: readonly Compression[] = ["none", "bzip2", "gzip", "xz", "zstd"];
const MAGICS: ReadonlyArray<readonly [Compression, readonly number[]]> = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];
const LONGEST_MAGIC = 6;
/** Large blocks keep the number of trips to the thread pool, which cost more than the work for small ones, low. */
const BLOCK = 1 << 20;

/** containers/storage's number for a compression, as layers.json has it. */
export function compressionNumber(compression: Compression): number {
  return COMPRESSIONS.indexOf(compression);
}

/** Tells a stream's compression from its first bytes; the returned stream has all of them. */
export async function detectCompression(source: ByteStream): Promise<{ compression: Compression; stream: ByteStream }> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < LONGEST_MAGIC) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    length += next.value.length;
  }
  const head = Buffer.concat(first.map((chunk) => chunk.subarray(0, LONGEST_MAGIC))).subarray(0, LONGEST_MAGIC);
  const found = MAGICS.find(([, magic]) => magic.every((byte, index) => head[index] === byte));
  return { compression: found?.[0] ?? "none", stream: continued(first, iterator) };
}

/** The uncompressed bytes. Reads ahead by a few blocks at most; throws `corrupt` when the stream is damaged or ends early. */
export function decompress(source: ByteStream, compression: Compression): ByteStream {
  if (compression === "none") return source;
  const options = { chunkSize: BLOCK, readableHighWaterMark: 2 * BLOCK, writableHighWaterMark: BLOCK };
  if (compression === "gzip") return through(source, zlib.createGunzip(options), compression);
  if (compression === "zstd") return through(source, zlib.createZstdDecompress(options), compression);
  return externalDecompressor(source, compression);
}

async function* through(source: ByteStream, transform: Transform, compression: Compression): ByteStream {
  const input = Readable.from(source, { objectMode: false, highWaterMark: BLOCK });
  // Errors of both ends come out of reading the transform.
  const done = pipeline(input, transform).catch(() => undefined);
  try {
    yield* transform as AsyncIterable<Uint8Array>;
    await done;
  } catch (error) {
    if (error instanceof ToolError || !isCompressionError(error)) throw error;
    throw new ToolError("corrupt", `invalid ${compression} data`, { cause: error });
  } finally {
    transform.destroy();
    input.destroy();
  }
}

function isCompressionError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^(Z_|ZSTD_|ERR_ZLIB|ERR__)/.test(error.code);
}

async function* continued(first: readonly Uint8Array[], iterator: AsyncIterator<Uint8Array>): ByteStream {
  try {
    yield* first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
