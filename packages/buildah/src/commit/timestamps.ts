import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "@containers/storage/store";

const BLOCK = 512;

/** Sets the times of every entry in a tar stream; with `onlyNewer`, of those that are later. */
export async function* rewriteTimes(
  tar: ByteStream,
  time: { readonly seconds: number; readonly onlyNewer: boolean },
): AsyncGenerator<Uint8Array> {
  const reader = new BlockReader(tar);
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header === undefined) return;
    if (header.every((byte) => byte === 0)) {
      yield header;
      continue;
    }
    const size = readOctal(header, 124, 12);
    const type = String.fromCharCode(header[156] ?? 0);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (type === "x") {
      const body = await reader.take(padded);
      if (body === undefined) throw new ToolError("corrupt", "layer archive ends inside a header");
      yield* rewritePax(header, body.subarray(0, size));
      continue;
    }
    yield restamp(header, time);
    for (let left = padded; left > 0; ) {
      const chunk = await reader.some(left);
      if (chunk === undefined) throw new ToolError("corrupt", "layer archive ends inside a file");
      left -= chunk.length;
      yield chunk;
    }
  }
}

function restamp(header: Buffer, time: { readonly seconds: number; readonly onlyNewer: boolean }): Buffer {
  const present = readOctal(header, 136, 12);
  if (time.onlyNewer && present <= time.seconds) return header;
  return withField(header, { at: 136, length: 12, value: Math.max(0, time.seconds) });
}

/** Times in the extended header would win over the plain ones: they go. */
function rewritePax(header: Buffer, body: Buffer): Buffer[] {
  const kept: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.subarray(at).toString("latin1"), 10);
    if (!(length > 0)) break;
    const record = body.subarray(at, at + length);
    if (!/^\d+ [acm]time=/.test(record.subarray(0, 24).toString("latin1"))) kept.push(record);
    at += length;
  }
  const content = Buffer.concat(kept);
  if (content.length === 0) return [];
  const padded = Buffer.alloc(Math.ceil(content.length / BLOCK) * BLOCK);
  content.copy(padded);
  return [withField(header, { at: 124, length: 12, value: content.length }), padded];
}

function withField(header: Buffer, field: { readonly at: number; readonly length: number; readonly value: number }): Buffer {
  const changed = Buffer.from(header);
  changed.write(`${field.value.toString(8).padStart(field.length - 1, "0")}\u0000`, field.at, "latin1");
  changed.write("        ", 148, "latin1");
  const sum = changed.reduce((total, byte) => total + byte, 0);
  changed.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return changed;
}

function readOctal(header: Buffer, at: number, length: number): number {
  const first = header[at] ?? 0;
  if ((first & 0x80) !== 0) return Number(header.readBigUInt64BE(at + length - 8));
  return (
    Number.parseInt(
      header
        .subarray(at, at + length)
        .toString("latin1")
        .replace(/[^0-7]/g, ""),
      8,
    ) || 0
  );
}

/** Cuts a stream into pieces of wanted sizes. */
class BlockReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(stream: ByteStream) {
    this.source = stream[Symbol.asyncIterator]();
  }

  /** Exactly `length` bytes; undefined at the end. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const chunk = await this.some(left);
      if (chunk === undefined) return undefined;
      parts.push(chunk);
      left -= chunk.length;
    }
    return Buffer.concat(parts);
  }

  /** At most `limit` bytes; undefined at the end. */
  async some(limit: number): Promise<Buffer | undefined> {
    while (this.rest.length === 0) {
      const next = await this.source.next();
      if (next.done === true) return undefined;
      // The producer may use its buffer again: what is kept is copied.
      this.rest = Buffer.from(next.value);
    }
    const piece = this.rest.subarray(0, limit);
    this.rest = this.rest.subarray(piece.length);
    return piece;
  }
}
