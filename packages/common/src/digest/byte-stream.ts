import { ToolError } from "../errors/tool-error.ts";

/** A stream of bytes; whoever reads it to the end or calls `return()` releases what is behind it. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A stream of these bytes, in one piece. */
export async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Everything the stream holds. Throws corrupt once it is longer than `max` bytes; `what` names it in the error. */
export async function readAll(stream: ByteStream, max: number, what = "data"): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > max) throw new ToolError("corrupt", `${what} exceeds the limit of ${max} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

/** Reads the stream to its end and drops the bytes. */
export async function drain(stream: ByteStream): Promise<void> {
  for await (const _chunk of stream) {
    // Reading is the point: a verifying stream checks as it goes.
  }
}

/** The same bytes, each chunk in memory of its own: for who keeps chunks of a stream that uses its memory again. */
export async function* ownMemory(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield new Uint8Array(chunk);
}

/**
 * The same bytes in chunks of about `size`. Sockets hand out some ten kilobytes at a time; system calls and
 * decompressors cost less per byte on larger pieces.
 */
export async function* inChunksOf(stream: ByteStream, size: number): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream) {
    pending.push(chunk);
    held += chunk.length;
    if (held < size) continue;
    yield pending.length === 1 ? chunk : Buffer.concat(pending, held);
    pending = [];
    held = 0;
  }
  if (held > 0) yield Buffer.concat(pending, held);
}
