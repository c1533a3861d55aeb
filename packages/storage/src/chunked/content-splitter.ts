/** Bytes over which the rolling checksum is taken. */
const WINDOW = 64;
const OFFSET = 31;
/** A chunk ends where this many low bits of the checksum are ones: after 64 KiB on average. */
const SPLIT_MASK = 0xffff;
/** From so many zeros on, they are a chunk of their own. */
const HOLE_THRESHOLD = 1 << 10;
/** Chunks are cut here at the latest, which bounds what writers and readers hold in memory. */
export const MAXIMUM_CHUNK = 4 << 20;

/** Takes the chunks of a file, in order; `bytes` is only valid during the call and undefined for `size` zeros. */
export type ChunkTaker = (size: number, bytes: Uint8Array | undefined) => void;

/**
 * Cuts a file's contents where its contents say, so that equal parts of different files become equal chunks: a rolling checksum over the last
 * 64 bytes decides, in the same way and so at the same places as containers/storage. Long runs of zeros are chunks of their own.
 */
export class ContentSplitter {
  readonly #take: ChunkTaker;
  #buffer = Buffer.allocUnsafe(256 << 10);
  /** The chunk in the making begins at `start`; bytes up to `scanned` were looked at, those up to `end` are there. */
  #start = 0;
  #scanned = 0;
  #end = 0;
  /** Zeros right before `scanned` that did not go into the checksum yet. */
  #zeros = 0;
  #inHole = false;
  #sum1 = WINDOW * OFFSET;
  #sum2 = WINDOW * (WINDOW - 1) * OFFSET;
  readonly #window = new Uint8Array(WINDOW);
  #at = 0;

  constructor(take: ChunkTaker) {
    this.#take = take;
  }

  /** Forgets all of the file before. */
  reset(): void {
    this.#start = this.#scanned = this.#end = this.#zeros = this.#at = 0;
    this.#inHole = false;
    this.#sum1 = WINDOW * OFFSET;
    this.#sum2 = WINDOW * (WINDOW - 1) * OFFSET;
    this.#window.fill(0);
  }

  push(bytes: Uint8Array): void {
    // In pieces, so that the buffer need not hold what a caller has in one.
    for (let at = 0; at < bytes.length; at += MAXIMUM_CHUNK) {
      this.#append(bytes.subarray(at, at + MAXIMUM_CHUNK));
      this.#scan();
      this.#limit();
    }
  }

  /** The file is over: hands out what is left. */
  finish(): void {
    this.#settleZeros();
    this.#emit(this.#end);
  }

  #append(bytes: Uint8Array): void {
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#scanned -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
    const needed = this.#end + bytes.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#end);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end = needed;
  }

  #scan(): void {
    const buffer = this.#buffer;
    const end = this.#end;
    let at = this.#scanned;
    for (; at < end; at++) {
      const byte = buffer[at] ?? 0;
      if (byte === 0) {
        this.#zeros++;
        continue;
      }
      if (this.#zeros > 0) {
        this.#scanned = at;
        this.#settleZeros();
      }
      this.#inHole = false;
      if (this.#roll(byte)) this.#emit(at + 1);
    }
    this.#scanned = end;
  }

  /** True where a chunk ends. */
  #roll(byte: number): boolean {
    const at = this.#at;
    const dropped = this.#window[at] ?? 0;
    this.#sum1 = (this.#sum1 + byte - dropped) | 0;
    this.#sum2 = (this.#sum2 + this.#sum1 - WINDOW * (dropped + OFFSET)) | 0;
    this.#window[at] = byte;
    this.#at = (at + 1) & (WINDOW - 1);
    return (this.#sum2 & SPLIT_MASK) === SPLIT_MASK;
  }

  /** The zeros before `scanned` are over: they are a hole, or bytes like others. */
  #settleZeros(): void {
    const zeros = this.#zeros;
    if (zeros === 0) return;
    this.#zeros = 0;
    const first = this.#scanned - zeros;
    if (zeros >= HOLE_THRESHOLD || this.#inHole) {
      this.#emit(first);
      this.#take(zeros, undefined);
      this.#start = this.#scanned;
      // The checksum of a window that is all zeros stays what it is.
      for (let rolled = 0; rolled < Math.min(zeros, WINDOW); rolled++) this.#roll(0);
      this.#inHole = true;
      return;
    }
    for (let rolled = 1; rolled <= zeros; rolled++) if (this.#roll(0)) this.#emit(first + rolled);
  }

  #limit(): void {
    if (this.#end - this.#start < MAXIMUM_CHUNK) return;
    if (this.#zeros >= HOLE_THRESHOLD || this.#inHole) this.#settleZeros();
    else this.#emit(this.#end - this.#zeros);
  }

  #emit(end: number): void {
    if (end > this.#start) this.#take(end - this.#start, this.#buffer.subarray(this.#start, end));
    this.#start = Math.max(this.#start, end);
  }
}
