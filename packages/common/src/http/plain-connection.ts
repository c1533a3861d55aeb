/**
 * One HTTP/1.1 exchange over a plain connection of its own, as far as large bodies need it (docs/decisions/0023-large-bodies-over-plain-http.md).
 */

/** A head longer than this is none. */
const MAX_HEAD = 64 << 10;
/** Bytes that may wait for the reader before the server is made to wait. */
export const HIGH_WATER = 256 << 10;

/** What an exchange needs of a socket. */
export interface PlainConnection {
  readonly inbox: Inbox;
  /** The socket's descriptor, which stays the runtime's. */
  readonly fd: number;
  pause(): void;
  resume(): void;
  /**
   * Sends everything; waits while the server takes nothing. False when the connection has gone, or when `isOver` says so, which is asked when the
   * server has said something meanwhile and has to read that.
   */
  send(bytes: Uint8Array, isOver: () => Promise<boolean>): Promise<boolean>;
  terminate(): void;
}

/** What has arrived and was not read yet. */
export class Inbox {
  #chunks: Uint8Array[] = [];
  #failure: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  size = 0;

  get ended(): boolean {
    return this.#ended;
  }

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

  /** A piece that is there already. A failure comes before what is still unread. */
  take(): Uint8Array | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.size -= chunk.length;
    return chunk;
  }

  /** The next piece, once it is there; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.take();
      if (chunk !== undefined || this.#ended) return chunk;
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

/** Connects and sends the head; undefined when that fails. */
export async function openPlainConnection(url: URL, head: string): Promise<PlainConnection | undefined> {
  const inbox = new Inbox();
  let drained = Promise.withResolvers<void>();
  const goOn = (): void => {
    drained.resolve();
    drained = Promise.withResolvers<void>();
  };
  const over = (): void => {
    inbox.end();
    goOn();
  };
  try {
    const socket = await Bun.connect({
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? 80 : Number(url.port),
      socket: {
        // A request head fits into the send buffer of a fresh connection.
        open: (opened) => void opened.write(head),
        data(from, chunk) {
          inbox.push(chunk);
          if (inbox.size >= HIGH_WATER) from.pause();
          goOn();
        },
        drain: goOn,
        end: over,
        close: over,
        error: over,
      },
    });
    const send: PlainConnection["send"] = async (bytes, isOver) => {
      for (let at = 0; ; ) {
        while (inbox.size > 0) if (await isOver()) return false;
        if (inbox.ended) return false;
        const room = drained.promise;
        const sent = socket.write(at === 0 ? bytes : bytes.subarray(at));
        if (sent < 0) return false;
        at += sent;
        if (at >= bytes.length) return true;
        await room;
      }
    };
    return {
      inbox,
      fd: descriptorOf(socket),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      send,
      terminate: () => socket.terminate(),
    };
  } catch {
    return undefined;
  }
}

/** The runtime tells the number; its types do not. */
function descriptorOf(socket: object): number {
  return "fd" in socket && typeof socket.fd === "number" ? socket.fd : -1;
}

/** The first lines of a request that asks for the connection to end with the answer. */
export function requestHead(method: string, url: URL, headers: Headers): string {
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, "Connection: close"];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

/** The head of an answer; undefined when that is none, or the connection ends before. What follows it stays in the inbox. */
export async function readHead(inbox: Inbox): Promise<ResponseHead | undefined> {
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

function parseHead(text: string): ResponseHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]);
  if (Number.isNaN(status)) return undefined;
  const headers = new Headers();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    headers.append(match[1], match[2]);
  }
  return { status, headers };
}

/** The body's length, when the head gives one and nothing is encoded. Two lengths that differ come as "1, 2", and are none. */
export function plainLength(headers: Headers): number | undefined {
  const length = headers.get("content-length") ?? "";
  if (!/^\d{1,15}$/.test(length) || headers.has("transfer-encoding") || headers.has("content-encoding")) return undefined;
  return Number(length);
}
