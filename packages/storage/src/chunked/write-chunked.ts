import zlib from "node:zlib";
import { ToolError } from "@containers/common/errors/tool-error";
import { TarReader } from "../archive/read-tar.ts";
import type { TarEntry, TarSink } from "../archive/tar-entry.ts";
import { TarSplitWriter } from "../archive/tar-split-writer.ts";
import type { ByteStream } from "../store.ts";
import { chunkedAnnotations } from "./annotations.ts";
import { ContentSplitter } from "./content-splitter.ts";
import { describeEntry, type TocEntry, withoutEmpty, ZEROS } from "./toc.ts";

export interface ChunkedOptions {
  /** Of zstd; default 3. */
  readonly level?: number;
  /**
   * Called when all is written, with the annotations that the layer's descriptor is to have. Not called for an archive that the format cannot
   * describe: what was written then is a plain zstd stream.
   */
  readonly done: (annotations: Readonly<Record<string, string>>) => void;
}

const SKIPPABLE_MAGIC = 0x184d2a50;
const FRAME_HEADER = 8;
const FOOTER_MAGIC = Buffer.from("GNUlInUx", "latin1");
const TOC_TYPE = 1n;
/** Headers between files are compressed together up to this size. */
const MAXIMUM_RAW = 1 << 20;

/**
 * Compresses an archive as zstd:chunked: each file's contents are frames of their own, split where {@link ContentSplitter} says, so that
 * whoever has some of them can fetch the others alone. Behind them, in frames that decompressors skip: the table of contents, the tar-split
 * data that gives the archive back byte for byte, and a footer with the places of both.
 */
export async function* writeChunked(tar: ByteStream, options: ChunkedOptions): ByteStream {
  const compressor = new ChunkedCompressor(options.level ?? 3);
  const reader = new TarReader(compressor);
  for await (const bytes of tar) {
    reader.push(bytes);
    yield* compressor.take();
  }
  reader.finish();
  const annotations = compressor.finish();
  yield* compressor.take();
  if (annotations !== undefined) options.done(annotations);
}

interface Chunk {
  readonly offset: number;
  readonly place: number;
  readonly size: number;
  readonly digest: string;
  readonly zeros: boolean;
}

interface OpenFile {
  readonly entry: TocEntry | undefined;
  readonly hash: Bun.CryptoHasher;
  readonly chunks: Chunk[];
  place: number;
}

class ChunkedCompressor implements TarSink {
  readonly #level: number;
  readonly #splitter = new ContentSplitter((size, bytes) => this.#chunk(size, bytes));
  readonly #raw = Buffer.allocUnsafe(MAXIMUM_RAW);
  #rawLength = 0;
  #ready: Uint8Array[] = [];
  #offset = 0;
  #entries: string[] | undefined = [];
  #tarSplit: TarSplitWriter;
  #tarSplitFrames: Uint8Array[] = [];
  #tarSplitSize = 0;
  #file: OpenFile | undefined;
  #sparse = false;

  constructor(level: number) {
    this.#level = level;
    this.#tarSplit = new TarSplitWriter((lines) => {
      const bytes = Buffer.from(lines);
      this.#tarSplitSize += bytes.length;
      this.#tarSplitFrames.push(this.#compress(bytes));
    });
  }

  /** What is compressed by now. */
  take(): Uint8Array[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  raw(bytes: Uint8Array): void {
    this.#describing(() => this.#tarSplit.raw(bytes));
    for (let at = 0; at < bytes.length; ) {
      if (this.#rawLength === MAXIMUM_RAW) this.#flushRaw();
      const part = bytes.subarray(at, at + MAXIMUM_RAW - this.#rawLength);
      this.#raw.set(part, this.#rawLength);
      this.#rawLength += part.length;
      at += part.length;
    }
  }

  entry(entry: TarEntry): void {
    const described = describeEntry(entry);
    if (described === undefined) this.#entries = undefined;
    this.#describing(() => this.#tarSplit.entry(entry));
    this.#sparse = entry.sparse !== undefined;
    this.#file = { entry: described, hash: new Bun.CryptoHasher("sha256"), chunks: [], place: 0 };
  }

  data(bytes: Uint8Array): void {
    // A sparse file's stored form came as raw bytes already.
    if (this.#sparse) return;
    this.#describing(() => this.#tarSplit.data(bytes));
    if (this.#rawLength > 0) this.#flushRaw();
    this.#file?.hash.update(bytes);
    this.#splitter.push(bytes);
  }

  endEntry(): void {
    this.#describing(() => this.#tarSplit.endEntry());
    this.#splitter.finish();
    this.#splitter.reset();
    const file = this.#file;
    this.#file = undefined;
    if (file?.entry !== undefined) this.#entries?.push(...tocLines(file.entry, file, this.#offset));
  }

  /** Writes what is left; the annotations, unless something could not be described. */
  finish(): Readonly<Record<string, string>> | undefined {
    this.#flushRaw();
    const entries = this.#entries;
    if (entries === undefined) return undefined;
    this.#tarSplit.finish();
    const tarSplit = Buffer.concat(this.#tarSplitFrames);
    const toc = Buffer.from(`{"version":1,"entries":[${entries.join(",")}],"tarSplitDigest":"${sha256(tarSplit)}"}`);
    const compressed = this.#compress(toc);
    const place = { tocDigest: sha256(compressed), toc: this.#skippable(compressed), tocSize: toc.length };
    const location = { ...place, tarSplit: this.#skippable(tarSplit), tarSplitSize: this.#tarSplitSize };
    const footer = Buffer.alloc(64);
    const { toc: tocRange, tarSplit: splitRange } = location;
    const numbers = [tocRange.offset, tocRange.length, toc.length, TOC_TYPE, splitRange.offset, splitRange.length, this.#tarSplitSize];
    for (const [index, value] of numbers.entries()) footer.writeBigUInt64LE(BigInt(value), index * 8);
    FOOTER_MAGIC.copy(footer, 56);
    this.#skippable(footer);
    return chunkedAnnotations(location);
  }

  #chunk(size: number, bytes: Uint8Array | undefined): void {
    const file = this.#file;
    if (file === undefined) return;
    const content = bytes ?? Buffer.alloc(size);
    file.chunks.push({ offset: this.#offset, place: file.place, size, digest: sha256(content), zeros: bytes === undefined });
    file.place += size;
    this.#emit(this.#compress(content));
  }

  #flushRaw(): void {
    if (this.#rawLength === 0) return;
    this.#emit(this.#compress(this.#raw.subarray(0, this.#rawLength)));
    this.#rawLength = 0;
  }

  #skippable(content: Uint8Array): { offset: number; length: number } {
    const header = Buffer.alloc(FRAME_HEADER);
    header.writeUInt32LE(SKIPPABLE_MAGIC, 0);
    header.writeUInt32LE(content.length, 4);
    this.#emit(header);
    const offset = this.#offset;
    this.#emit(content);
    return { offset, length: content.length };
  }

  #emit(bytes: Uint8Array): void {
    this.#ready.push(bytes);
    this.#offset += bytes.length;
  }

  #compress(bytes: Uint8Array): Uint8Array {
    return zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: this.#level } });
  }

  /** Names that occur twice cannot be described, but compressed they can be. */
  #describing(work: () => void): void {
    if (this.#entries === undefined) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof ToolError) || error.kind !== "unsupported") throw error;
      this.#entries = undefined;
    }
  }
}

/** The lines of a file: its own, which is that of its first chunk as well, and one for each further chunk. */
function tocLines(entry: TocEntry, file: OpenFile, end: number): string[] {
  const [first, ...others] = file.chunks;
  if (first === undefined) return [JSON.stringify(entry)];
  const digest = `sha256:${file.hash.digest("hex")}`;
  const own = withoutEmpty({ ...entry, digest, offset: first.offset, endOffset: end });
  if (others.length === 0) return [JSON.stringify(own)];
  const rows = [{ ...own, ...chunkFields(first) }, ...others.map((chunk) => ({ type: "chunk", name: entry.name, ...chunkFields(chunk) }))];
  return rows.map((row) => JSON.stringify(withoutEmpty(row)));
}

function chunkFields(chunk: Chunk) {
  return {
    offset: chunk.offset,
    chunkSize: chunk.size,
    chunkOffset: chunk.place,
    chunkDigest: chunk.digest,
    ...(chunk.zeros ? { chunkType: ZEROS } : {}),
  };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
}
