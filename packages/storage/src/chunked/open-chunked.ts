import zlib from "node:zlib";
import { readAll } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { decompress } from "../archive/compression.ts";
import { type TarSplitLine, tarSplitLines } from "../archive/tar-split-reader.ts";
import type { ByteStream } from "../store.ts";
import type { BlobRange, ChunkedLocation } from "./annotations.ts";
import { parseToc, type Toc } from "./toc.ts";

/** Reads parts of a blob: the bytes of all ranges, in their order, one after the other. */
export type ReadRanges = (ranges: readonly BlobRange[]) => ByteStream;

/** What a blob says of itself, verified by the digest in its descriptor. */
export interface ChunkedContents {
  readonly toc: Toc;
  /** As it was written: what the store keeps. */
  readonly tocJson: Uint8Array;
  /** The tar-split data, from the start each time. */
  tarSplit(): AsyncGenerator<TarSplitLine>;
}

/** The table of contents is held in memory as a whole. */
const MAXIMUM_TOC = 64 << 20;
const MAXIMUM_TAR_SPLIT = 64 << 20;
const MAXIMUM_PLAIN_TAR_SPLIT = 2 ** 31;

/** Code of the error for a layer that can only be fetched as a whole. */
export const NOT_PARTIAL = "not-partial";

/** The error for a layer that is fine but has to be fetched as a whole. */
export function notPartial(why: string): ToolError {
  return new ToolError("unsupported", why, { code: NOT_PARTIAL });
}

/** Fetches a blob's table of contents and tar-split data and verifies them; throws `corrupt`, or {@link notPartial} for what is too large or too old. */
export async function openChunked(location: ChunkedLocation, read: ReadRanges): Promise<ChunkedContents> {
  const { toc: tocRange, tarSplit } = location;
  if (tarSplit === undefined) throw notPartial("zstd:chunked layers without tar-split data cannot be verified as a whole");
  if (tocRange.length > MAXIMUM_TOC || location.tocSize > MAXIMUM_TOC)
    throw notPartial(`the TOC of ${location.tocSize} bytes is too large to be held in memory`);
  if (tarSplit.length > MAXIMUM_TAR_SPLIT || location.tarSplitSize > MAXIMUM_PLAIN_TAR_SPLIT)
    throw notPartial(`the tar-split data of ${location.tarSplitSize} bytes is too large to be held in memory`);
  const total = tocRange.length + tarSplit.length;
  const bytes = await readAll(read([tocRange, tarSplit]), total, "the TOC");
  if (bytes.length !== total) throw new ToolError("corrupt", `the TOC ends after ${bytes.length} of ${total} bytes`);
  const compressedToc = bytes.subarray(0, tocRange.length);
  const compressedSplit = bytes.subarray(tocRange.length);
  verifyDigest("TOC", compressedToc, location.tocDigest);
  const tocJson = decompressExactly(compressedToc, location.tocSize, "the TOC");
  const toc = parseToc(tocJson);
  if (toc.tarSplitDigest === undefined)
    throw notPartial("zstd:chunked layers whose TOC does not name their tar-split data cannot be verified");
  verifyDigest("tar-split data", compressedSplit, toc.tarSplitDigest);
  return {
    toc,
    tocJson,
    tarSplit: () => tarSplitLines(limited(decompress(once(compressedSplit), "zstd"), location.tarSplitSize)),
  };
}

/** Decompresses what must have `size` bytes; throws `corrupt` otherwise, without making more. */
export function decompressExactly(bytes: Uint8Array, size: number, what: string): Uint8Array {
  let plain: Uint8Array;
  try {
    plain = zlib.zstdDecompressSync(bytes, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw new ToolError("corrupt", `${what} cannot be decompressed to ${size} bytes`, { cause });
  }
  if (plain.length !== size) throw new ToolError("corrupt", `${what} has ${plain.length} bytes, not ${size}`);
  return plain;
}

/** Throws `corrupt` unless the bytes have the digest. */
export function verifyDigest(what: string, bytes: Uint8Array, expected: string): void {
  const actual = `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
  if (actual !== expected)
    throw new ToolError("corrupt", `${what} has digest ${actual}, expected ${expected}`, { code: "digest-mismatch" });
}

async function* once(bytes: Uint8Array): ByteStream {
  yield bytes;
}

async function* limited(stream: ByteStream, size: number): ByteStream {
  let seen = 0;
  for await (const bytes of stream) {
    seen += bytes.length;
    if (seen > size) throw new ToolError("corrupt", `the tar-split data has more than the ${size} bytes that it should have`);
    yield bytes;
  }
}
