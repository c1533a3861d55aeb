import { HeaderAssembler } from "./header-assembler.ts";
import { checkPieces, LeadingSparseMap } from "./sparse-map.ts";
import { BLOCK_SIZE, type SparsePiece, type TarEntry, type TarSink } from "./tar-entry.ts";
import { corruptArchive, isZeroBlock } from "./tar-header.ts";

type State = "header" | "extension" | "sparse-map" | "data" | "padding" | "end";

/**
 * Reads a tar stream out of blocks of any size, pushed one after the other, and hands every byte to a sink: either as
 * payload of an entry or as raw. It works on the blocks themselves, copying only what is cut in two by their ends, because
 * every layer that enters the store goes through here.
 */
export class TarReader {
  readonly #sink: TarSink;
  readonly #headers = new HeaderAssembler();
  #state: State = "header";
  /** A block that is being put together from two pushes. */
  readonly #block = Buffer.alloc(BLOCK_SIZE);
  #filled = 0;
  #zeroBlocks = 0;
  #extension: { readonly flag: string; readonly chunks: Buffer[] } = { flag: "", chunks: [] };
  #entry: TarEntry | undefined;
  #map = new LeadingSparseMap();
  /** Bytes of the payload or extension still to come, and of the padding behind it. */
  #left = 0;
  #padding = 0;
  #position = 0;
  #piece = 0;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes of the archive. */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === "data") at = this.#takeData(bytes, at);
      else if (this.#state === "padding") at = this.#takePadding(bytes, at);
      else if (this.#state === "extension") at = this.#takeExtension(bytes, at);
      else if (this.#state === "end") at = this.#takeRest(bytes, at);
      else at = this.#takeBlock(bytes, at);
    }
  }

  /** Says that the archive is over; throws `corrupt` when that is in the middle of something. */
  finish(): void {
    const between = this.#state === "end" || (this.#state === "header" && this.#filled === 0 && !this.#headers.pending);
    // Padding behind the last entry may be missing: the original reads such archives too.
    if (!between && !(this.#state === "padding" && this.#entry !== undefined)) throw corruptArchive("it ends too early");
  }

  #takeBlock(bytes: Buffer, at: number): number {
    let block: Buffer;
    let next = at + BLOCK_SIZE;
    if (this.#filled === 0 && next <= bytes.length) {
      block = bytes.subarray(at, next);
    } else {
      next = Math.min(bytes.length, at + BLOCK_SIZE - this.#filled);
      bytes.copy(this.#block, this.#filled, at, next);
      this.#filled += next - at;
      if (this.#filled < BLOCK_SIZE) return next;
      this.#filled = 0;
      block = this.#block;
    }
    this.#sink.raw(block);
    if (this.#state === "sparse-map") this.#onSparseMap(block);
    else this.#onHeader(block);
    return next;
  }

  #onHeader(block: Buffer): void {
    if (isZeroBlock(block)) {
      if (++this.#zeroBlocks === 2) this.#state = "end";
      return;
    }
    if (this.#zeroBlocks > 0) throw corruptArchive("an entry follows a single zero block");
    const result = this.#headers.block(block);
    if (result.kind === "continued") return;
    if (result.kind === "entry") {
      this.#startEntry(result.entry, result.mapFollows);
      return;
    }
    this.#extension = { flag: result.flag, chunks: [] };
    this.#left = result.size;
    this.#padding = paddingOf(result.size);
    this.#entry = undefined;
    if (result.size === 0) this.#onExtension();
    else this.#state = "extension";
  }

  #startEntry(entry: TarEntry, mapFollows: boolean): void {
    this.#left = entry.storedSize;
    this.#padding = paddingOf(entry.storedSize);
    this.#position = 0;
    this.#piece = 0;
    this.#entry = entry;
    if (mapFollows) {
      // The entry is only complete with its map, which is the first part of its payload.
      this.#map = new LeadingSparseMap();
      this.#state = "sparse-map";
      if (this.#left < BLOCK_SIZE) throw corruptArchive("a sparse file has no map");
      return;
    }
    this.#beginData(entry);
  }

  #onSparseMap(block: Buffer): void {
    this.#left -= BLOCK_SIZE;
    const entry = this.#entry;
    const pieces = this.#map.add(block);
    if (pieces !== undefined && entry !== undefined) this.#beginData({ ...entry, sparse: checkPieces(pieces, entry.size, this.#left) });
    else if (this.#left < BLOCK_SIZE) throw corruptArchive("a sparse map does not end");
  }

  #beginData(entry: TarEntry): void {
    this.#entry = entry;
    this.#sink.entry(entry);
    if (this.#left === 0) this.#endData();
    else this.#state = "data";
  }

  #takeData(bytes: Buffer, at: number): number {
    const next = Math.min(bytes.length, at + this.#left);
    const data = bytes.subarray(at, next);
    const sparse = this.#entry?.sparse;
    if (sparse === undefined) {
      this.#sink.data(data, this.#position);
      this.#position += data.length;
    } else {
      this.#sink.raw(data);
      this.#placeSparse(data, sparse);
    }
    this.#left -= next - at;
    if (this.#left === 0) this.#endData();
    return next;
  }

  /** Gives stored bytes of a sparse file to the sink at the positions that its map names. */
  #placeSparse(data: Buffer, pieces: readonly SparsePiece[]): void {
    let at = 0;
    while (at < data.length) {
      const piece = pieces[this.#piece];
      if (piece === undefined) throw corruptArchive("a sparse map does not match its data");
      const length = Math.min(piece.length - this.#position, data.length - at);
      if (length > 0) this.#sink.data(data.subarray(at, at + length), piece.offset + this.#position);
      at += length;
      this.#position += length;
      if (this.#position === piece.length) {
        this.#piece++;
        this.#position = 0;
      }
    }
  }

  #endData(): void {
    this.#sink.endEntry();
    this.#state = this.#padding === 0 ? "header" : "padding";
  }

  #takeExtension(bytes: Buffer, at: number): number {
    const next = Math.min(bytes.length, at + this.#left);
    const part = bytes.subarray(at, next);
    this.#sink.raw(part);
    this.#left -= part.length;
    this.#extension.chunks.push(this.#left === 0 && this.#extension.chunks.length === 0 ? part : Buffer.from(part));
    if (this.#left === 0) this.#onExtension();
    return next;
  }

  #onExtension(): void {
    const { flag, chunks } = this.#extension;
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    const entry = this.#headers.extension(flag, body);
    if (entry !== undefined) {
      this.#sink.entry(entry);
      this.#sink.endEntry();
    }
    this.#state = this.#padding === 0 ? "header" : "padding";
  }

  #takePadding(bytes: Buffer, at: number): number {
    const next = Math.min(bytes.length, at + this.#padding);
    this.#sink.raw(bytes.subarray(at, next));
    this.#padding -= next - at;
    if (this.#padding === 0) this.#state = "header";
    return next;
  }

  #takeRest(bytes: Buffer, at: number): number {
    this.#sink.raw(bytes.subarray(at));
    return bytes.length;
  }
}

function paddingOf(size: number): number {
  return (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE;
}
