import type { ByteStream } from "../digest/byte-stream.ts";
import { ToolError } from "../errors/tool-error.ts";

/** What came back: the head, and the body as it arrives. */
export interface PlainDownload {
  readonly status: number;
  readonly headers: Headers;
  /** The body, once; throws unavailable (`connection-reset`) when it ends early, cancelled when the signal fired. */
  stream(): ByteStream;
  /** Drops the connection. */
  close(): void;
}

export interface PlainDownloadOptions {
  readonly headers: Headers;
  /** Ends the wait for the head. */
  readonly headSignal?: AbortSignal;
  /** Ends everything. */
  readonly signal?: AbortSignal;
  /** Names the body in errors. */
  readonly what: string;
}

/** A head longer than this is none. */
const MAX_HEAD = 64 << 10;
/** Bytes that may wait for the reader before the server is made to wait. */
const HIGH_WATER = 256 << 10;

/**
 * GET over plain http on a connection of its own, for large bodies: three quarters of the processor time that the runtime's fetch takes
 * (docs/decisions/0023-large-bodies-over-plain-http.md). Only the plainest of answers is taken, a success with a content-length; undefined
 * for all else, a failure to connect included: then fetch is to ask, which knows redirects, encodings and what to say.
 */
export async function plainDownload(url: URL, options: PlainDownloadOptions): Promise<PlainDownload | undefined> {
  if (url.protocol !== "http:" || url.username !== "") return undefined;
  const inbox = new Inbox();
  const socket = await connect(url, inbox, requestHead(url, options.headers));
  if (socket === undefined) return undefined;
  const stop = (): void => {
    inbox.fail(new ToolError("cancelled", `${options.what}: cancelled`));
    socket.terminate();
  };
  // Often the two are one, and a signal keeps a listener once.
  const headSignal = options.headSignal === options.signal ? undefined : options.headSignal;
  const signals = [headSignal, options.signal].filter((signal) => signal !== undefined);
  for (const signal of signals) signal.addEventListener("abort", stop, { once: true });
  if (signals.some((signal) => signal.aborted)) stop();
  try {
    const head = await readHead(inbox);
    if (head === undefined) {
      socket.terminate();
      return undefined;
    }
    const close = (): void => {
      options.signal?.removeEventListener("abort", stop);
      socket.terminate();
    };
    const stream = (): ByteStream => body({ inbox, socket, length: head.length, what: options.what, close });
    return { status: head.status, headers: head.headers, stream, close };
  } catch (error) {
    // Only a signal is final: whatever else went wrong before the head, fetch meets it too.
    if (signals.some((signal) => signal.aborted)) throw error;
    return undefined;
  } finally {
    headSignal?.removeEventListener("abort", stop);
  }
}

/** Only what the download needs of a socket. */
interface Connection {
  pause(): void;
  resume(): void;
  terminate(): void;
}

/** What has arrived and was not read yet. */
class Inbox {
  #chunks: Uint8Array[] = [];
  #failure: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  size = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
    this.#signal();
  }

  unshift(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunks.unshift(chunk);
    this.size += chunk.length;
  }

  end(): void {
    this.#ended = true;
    this.#signal();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#signal();
  }

  /** The next piece; undefined at the end. A failure comes before what is still unread. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.size -= chunk.length;
        return chunk;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #signal(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

async function connect(url: URL, inbox: Inbox, request: string): Promise<Connection | undefined> {
  try {
    return await Bun.connect({
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? 80 : Number(url.port),
      socket: {
        // A request head fits into the send buffer of a fresh connection.
        open: (socket) => void socket.write(request),
        data(socket, chunk) {
          inbox.push(chunk);
          if (inbox.size >= HIGH_WATER) socket.pause();
        },
        end: () => inbox.end(),
        close: () => inbox.end(),
        error: () => inbox.end(),
      },
    });
  } catch {
    return undefined;
  }
}

function requestHead(url: URL, headers: Headers): string {
  const lines = [`GET ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, "Connection: close"];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

interface Head {
  readonly status: number;
  readonly headers: Headers;
  readonly length: number;
}

/** The head of an answer that can be taken as it is; undefined for others. What follows it stays in the inbox. */
async function readHead(inbox: Inbox): Promise<Head | undefined> {
  let seen: Buffer = Buffer.alloc(0);
  for (;;) {
    const chunk = await inbox.next();
    if (chunk === undefined) return undefined;
    seen = seen.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([seen, chunk]);
    const end = seen.indexOf("\r\n\r\n");
    if (end === -1 && seen.length < MAX_HEAD) continue;
    if (end === -1) return undefined;
    inbox.unshift(seen.subarray(end + 4));
    return parseHead(seen.toString("latin1", 0, end));
  }
}

function parseHead(text: string): Head | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]);
  if (status !== 200 && status !== 206) return undefined;
  const headers = new Headers();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    headers.append(match[1], match[2]);
  }
  const length = headers.get("content-length") ?? "";
  // Two lengths that differ come as "1, 2", and are refused here.
  if (!/^\d{1,15}$/.test(length) || headers.has("transfer-encoding") || headers.has("content-encoding")) return undefined;
  return { status, headers, length: Number(length) };
}

interface Body {
  readonly inbox: Inbox;
  readonly socket: Connection;
  readonly length: number;
  readonly what: string;
  close(): void;
}

async function* body({ inbox, socket, length, what, close }: Body): AsyncGenerator<Uint8Array> {
  let left = length;
  try {
    while (left > 0) {
      const chunk = await inbox.next();
      if (chunk === undefined) throw new ToolError("unavailable", `${what}: connection closed by the server`, { code: "connection-reset" });
      if (inbox.size < HIGH_WATER) socket.resume();
      const wanted = chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= wanted.length;
      yield wanted;
    }
  } finally {
    close();
  }
}
