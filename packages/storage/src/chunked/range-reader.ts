import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "../store.ts";
import type { BlobRange } from "./annotations.ts";
import type { ReadRanges } from "./open-chunked.ts";

/** Hands out parts of a blob, in ascending order, out of one stream of larger ranges that hold them. */
export class RangeReader {
  readonly #ranges: readonly BlobRange[];
  readonly #read: ReadRanges;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #held: Uint8Array = new Uint8Array();
  /** The range that the stream is in, and how much of it was used. */
  #index = 0;
  #used = 0;

  constructor(ranges: readonly BlobRange[], read: ReadRanges) {
    this.#ranges = ranges;
    this.#read = read;
  }

  async take(range: BlobRange): Promise<Uint8Array> {
    const result = Buffer.allocUnsafe(range.length);
    let at = 0;
    for await (const bytes of this.stream(range)) {
      result.set(bytes, at);
      at += bytes.length;
    }
    return result;
  }

  /** The bytes of the range, valid until the next ones are asked for. */
  async *stream(range: BlobRange): ByteStream {
    await this.#seek(range.offset);
    yield* this.#next(range.length);
  }

  /** Ends the stream, wherever it is. */
  async close(): Promise<void> {
    await this.#iterator?.return?.();
  }

  async #seek(offset: number): Promise<void> {
    for (;;) {
      const range = this.#ranges[this.#index];
      if (range === undefined || offset < range.offset + this.#used) throw new ToolError("internal", "a part of a blob was not asked for");
      if (offset < range.offset + range.length) {
        for await (const _skipped of this.#next(offset - range.offset - this.#used));
        return;
      }
      for await (const _skipped of this.#next(range.length - this.#used));
      this.#index++;
      this.#used = 0;
    }
  }

  async *#next(length: number): ByteStream {
    this.#iterator ??= this.#read(this.#ranges)[Symbol.asyncIterator]();
    for (let left = length; left > 0; ) {
      if (this.#held.length === 0) {
        const { done, value } = await this.#iterator.next();
        if (done === true) throw new ToolError("unavailable", "a blob's part ends too early", { code: "connection-reset" });
        this.#held = value;
      }
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      this.#used += part.length;
      left -= part.length;
      yield part;
    }
  }
}
