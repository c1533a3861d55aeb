import type { ByteStream } from "../digest/byte-stream.ts";
import { ToolError } from "../errors/tool-error.ts";
import { HIGH_WATER, openPlainConnection, type PlainConnection, plainLength, readHead, requestHead } from "./plain-connection.ts";
import { stopOn } from "./stop-on.ts";

/** What came back: the head, and the body as it arrives. */
export interface PlainDownload {
  readonly status: number;
  readonly headers: Headers;
  /** The body, once; throws unavailable (`connection-reset`) when it ends early, cancelled when the signal fired. */
  stream(options?: { readonly borrowed?: boolean }): ByteStream;
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

/**
 * GET over plain http on a connection of its own, for large bodies: less processor time than the runtime's fetch takes
 * (docs/decisions/0023-large-bodies-over-plain-http.md). Only the plainest of answers is taken, a success with a content-length; undefined
 * for all else, a failure to connect included: then fetch is to ask, which knows redirects, encodings and what to say.
 */
export async function plainDownload(url: URL, options: PlainDownloadOptions): Promise<PlainDownload | undefined> {
  if (url.protocol !== "http:" || url.username !== "") return undefined;
  const connection = await openPlainConnection(url, requestHead("GET", url, options.headers));
  if (connection === undefined) return undefined;
  const stop = stopOn(options, () => {
    connection.inbox.fail(new ToolError("cancelled", `${options.what}: cancelled`));
    connection.terminate();
  });
  try {
    const head = await readHead(connection.inbox);
    const length = head?.status === 200 || head?.status === 206 ? plainLength(head.headers) : undefined;
    if (head === undefined || length === undefined) {
      connection.terminate();
      return undefined;
    }
    const close = (): void => {
      stop.forget();
      connection.terminate();
    };
    const body = { connection, length, what: options.what, close };
    return {
      status: head.status,
      headers: head.headers,
      stream: (how) => (how?.borrowed === true && connection.fd >= 0 ? borrowedBody(body) : ownedBody(body)),
      close,
    };
  } catch (error) {
    // Only a signal is final: whatever else went wrong before the head, fetch meets it too.
    if (stop.fired()) throw error;
    return undefined;
  } finally {
    stop.headArrived();
  }
}

interface Body {
  readonly connection: PlainConnection;
  readonly length: number;
  readonly what: string;
  close(): void;
}

async function* ownedBody({ connection, length, what, close }: Body): AsyncGenerator<Uint8Array> {
  const { inbox } = connection;
  let left = length;
  try {
    while (left > 0) {
      const chunk = await inbox.next();
      if (chunk === undefined) throw endedEarly(what);
      if (inbox.size < HIGH_WATER) connection.resume();
      const wanted = chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= wanted.length;
      yield wanted;
    }
  } finally {
    close();
  }
}

/** The event loop is asked only when nothing arrives for a while: what it reads is copied into memory that has to be fetched from the kernel and collected. */
async function* borrowedBody({ connection, length, what, close }: Body): AsyncGenerator<Uint8Array> {
  const { inbox } = connection;
  // Paused, the runtime reads nothing behind our back; what it has read before comes first.
  connection.pause();
  const { SocketReader } = await import("./socket-reader.ts");
  const reader = new SocketReader(connection.fd);
  let left = length;
  try {
    while (left > 0) {
      const chunk = inbox.take() ?? (await reader.read(left)) ?? (await awaitMore(connection));
      if (chunk === undefined || chunk.length === 0) throw endedEarly(what);
      const wanted = chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= wanted.length;
      yield wanted;
    }
  } finally {
    reader.close();
    close();
  }
}

async function awaitMore(connection: PlainConnection): Promise<Uint8Array | undefined> {
  connection.resume();
  try {
    return await connection.inbox.next();
  } finally {
    connection.pause();
  }
}

function endedEarly(what: string): ToolError {
  return new ToolError("unavailable", `${what}: connection closed by the server`, { code: "connection-reset" });
}
