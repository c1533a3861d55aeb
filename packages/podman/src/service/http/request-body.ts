import type { InputQueue } from "./input-queue.ts";
import { type BodyFraming, MalformedRequest } from "./request-head.ts";

/** Longest line that announces a chunk, with its extensions. */
const CHUNK_LINE_LIMIT = 4096;
/** Trailers are read and dropped, up to so much. */
const TRAILER_LIMIT = 64 * 1024;

/** A request's body, decoded. Read once; what is not read holds the client back. */
export interface RequestBody extends AsyncIterable<Buffer> {
  /** No bytes are to come by what the head said. */
  readonly isEmpty: boolean;
  /** Reads and drops the rest; false when that is more than `limit` bytes, or the client has gone. */
  drain(limit: number): Promise<boolean>;
}

export interface BodyOptions {
  /** Called before the first byte is waited for: the place for `100 Continue`. */
  readonly onFirstRead?: () => Promise<void>;
}

/** The body of a request whose head was framed so; its bytes come from `input`, and none beyond its end are taken. */
export function requestBody(input: InputQueue, framing: BodyFraming, options: BodyOptions = {}): RequestBody {
  let isDone = framing.kind === "none";
  let wasAsked = false;
  const decode = framing.kind === "chunked" ? chunkedReader(input) : lengthReader(input, framing.kind === "length" ? framing.length : 0);
  const next = async (): Promise<Buffer | undefined> => {
    if (isDone) return undefined;
    if (!wasAsked) {
      wasAsked = true;
      await options.onFirstRead?.();
    }
    const bytes = await decode();
    if (bytes === undefined) isDone = true;
    return bytes;
  };
  return {
    isEmpty: framing.kind === "none",
    async *[Symbol.asyncIterator]() {
      for (let bytes = await next(); bytes !== undefined; bytes = await next()) yield bytes;
    },
    async drain(limit) {
      // A client that waits for leave to send has sent nothing.
      if (!isDone && !wasAsked && options.onFirstRead !== undefined) return false;
      try {
        for (let left = limit; ; ) {
          const bytes = await next();
          if (bytes === undefined) return true;
          left -= bytes.length;
          if (left < 0) return false;
        }
      } catch {
        return false;
      }
    },
  };
}

type Reader = () => Promise<Buffer | undefined>;

function lengthReader(input: InputQueue, length: number): Reader {
  let left = length;
  return async () => {
    if (left === 0) return undefined;
    const bytes = await input.read();
    if (bytes === undefined) throw new MalformedRequest(400, "unexpected EOF");
    const taken = bytes.subarray(0, left);
    input.unread(bytes.subarray(taken.length));
    left -= taken.length;
    return taken;
  };
}

function chunkedReader(input: InputQueue): Reader {
  let left = 0;
  let isFirst = true;
  return async () => {
    if (left === 0) {
      // The line end that closes the chunk before.
      if (!isFirst && (await readLine(input, 2)) !== "") throw new MalformedRequest(400, "malformed chunked encoding");
      isFirst = false;
      const line = await readLine(input, CHUNK_LINE_LIMIT);
      const size = /^([0-9a-fA-F]{1,13})[ \t]*(?:;.*)?$/.exec(line)?.[1];
      if (size === undefined) throw new MalformedRequest(400, "malformed chunked encoding");
      left = Number.parseInt(size, 16);
      if (left === 0) {
        await skipTrailers(input);
        return undefined;
      }
    }
    const bytes = await input.read();
    if (bytes === undefined) throw new MalformedRequest(400, "unexpected EOF");
    const taken = bytes.subarray(0, left);
    input.unread(bytes.subarray(taken.length));
    left -= taken.length;
    return taken;
  };
}

async function skipTrailers(input: InputQueue): Promise<void> {
  for (let left = TRAILER_LIMIT; left > 0; ) {
    const line = await readLine(input, left);
    if (line === "") return;
    left -= line.length + 2;
  }
  throw new MalformedRequest(431, "too many trailers");
}

/** A line without its end. */
async function readLine(input: InputQueue, limit: number): Promise<string> {
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const at = held.indexOf(10);
    if (at >= 0) {
      input.unread(held.subarray(at + 1));
      return held.subarray(0, at).toString("latin1").replace(/\r$/, "");
    }
    if (held.length > limit) throw new MalformedRequest(400, "line too long");
    const bytes = await input.read();
    if (bytes === undefined) throw new MalformedRequest(400, "unexpected EOF");
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
  }
}
