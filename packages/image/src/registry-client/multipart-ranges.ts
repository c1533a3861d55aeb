import { ToolError } from "@containers/common/errors/tool-error";

/** A part of a blob, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Code of the error of a registry that does not give parts of a blob. */
export const NO_RANGES = "no-ranges";

/** The head of a part, boundary included. */
const MAXIMUM_HEAD = 8 << 10;

/**
 * The contents of a `multipart/byteranges` answer, whose parts must be these ranges in this order (RFC 9110, 14.6). Throws `unsupported` with the
 * code `no-ranges` for any other answer, `unavailable` when it ends too early.
 */
export async function* multipartRanges(
  stream: AsyncIterable<Uint8Array>,
  boundary: string,
  ranges: readonly ByteRange[],
): AsyncGenerator<Uint8Array> {
  const reader = new HeadReader(stream[Symbol.asyncIterator]());
  try {
    for (const range of ranges) {
      checkHead(await reader.head(), boundary, range);
      yield* reader.body(range.length);
    }
  } finally {
    await reader.close();
  }
}

class HeadReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Uint8Array>) {
    this.#source = source;
  }

  /** The bytes up to and with the empty line before a part's content. */
  async head(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf("\r\n\r\n");
      if (end !== -1) {
        const head = this.#held.toString("latin1", 0, end);
        this.#held = this.#held.subarray(end + 4);
        return head;
      }
      if (this.#held.length > MAXIMUM_HEAD) throw unexpected("a part has no head");
      this.#held = Buffer.concat([this.#held, await this.#read()]);
    }
  }

  async *body(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.#held.length === 0) this.#held = await this.#read();
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #read(): Promise<Buffer> {
    const { done, value } = await this.#source.next();
    if (done === true) throw new ToolError("unavailable", "the connection ended inside a part of a blob", { code: "connection-reset" });
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}

function checkHead(head: string, boundary: string, { offset, length }: ByteRange): void {
  const lines = head.split("\r\n").filter((line) => line !== "");
  if (lines[0] !== `--${boundary}`) throw unexpected("parts are not where they should be");
  const range = lines.map((line) => /^content-range:\s*bytes (\d+)-(\d+)\//i.exec(line)).find((match) => match !== null);
  if (range === undefined || range === null || Number(range[1]) !== offset || Number(range[2]) !== offset + length - 1)
    throw unexpected("parts are others than were asked for");
}

function unexpected(why: string): ToolError {
  return new ToolError("unsupported", `the registry's answer to a request for parts of a blob cannot be used: ${why}`, {
    code: NO_RANGES,
  });
}
