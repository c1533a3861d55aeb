import { ToolError } from "../errors/tool-error.ts";
import { redactUrl, type TlsOptions } from "./fetch.ts";
import { requestWords } from "./http-error.ts";

export interface UpgradeOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Path of a Unix socket to connect to, whatever the URL's host is. */
  readonly unixSocket?: string;
  /** For https: certificates. */
  readonly tls?: TlsOptions;
}

/** A connection that has left HTTP: bytes both ways. */
export interface UpgradedConnection {
  /** What the other end sends, once, until it has closed its side. The other end is held back while nobody reads. */
  stream(): AsyncGenerator<Uint8Array>;
  /** Resolves when the socket has taken the bytes; what is sent to a closed connection is dropped. */
  send(data: Uint8Array): Promise<void>;
  /** Closes this side alone. */
  endInput(): void;
  close(): void;
}

export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The text that came instead, when the server refused. */
  readonly refusal: string;
  readonly connection: UpgradedConnection;
}

const MAX_HEAD = 64 << 10;
const HIGH_WATER = 256 << 10;

/**
 * Asks a server to give up HTTP on this connection (`Connection: Upgrade`, `Upgrade: tcp`), as the engine's API does for attached streams. A status of
 * 101 or 200 means that it did; for others the connection is closed and the answer's text is there.
 *
 * Throws unavailable when there is no connection or no answer.
 */
export async function httpUpgrade(url: string, options: UpgradeOptions = {}): Promise<UpgradeAnswer> {
  const parsed = new URL(url);
  const what = requestWords(options.method ?? "POST", redactUrl(url));
  const channel = new Channel();
  await channel.open(parsed, options, what);
  await channel.send(requestBytes(parsed, options));
  const head = await readHead(channel, what).catch((error: unknown) => {
    channel.close();
    throw error;
  });
  if (head.status === 101 || head.status === 200) return { ...head, refusal: "", connection: channel };
  const refusal = await readRefusal(channel, head.headers);
  channel.close();
  return { ...head, refusal, connection: channel };
}

/** A connection to where the URL points, without a word of HTTP. @throws ToolError unavailable */
export async function connectRaw(url: string, options: Pick<UpgradeOptions, "unixSocket" | "tls"> = {}): Promise<UpgradedConnection> {
  const channel = new Channel();
  await channel.open(new URL(url), options, `connecting to ${options.unixSocket ?? redactUrl(url)}`);
  return channel;
}

interface RawSocket {
  write(data: Uint8Array): number;
  pause(): void;
  resume(): void;
  shutdown(): void;
  end(): void;
}

/** A socket with what has arrived and was not read yet. */
class Channel implements UpgradedConnection {
  #socket: RawSocket | undefined;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #ended = false;
  #closed = false;
  #wake: (() => void) | undefined;
  #drained = Promise.withResolvers<void>();

  async open(url: URL, options: UpgradeOptions, what: string): Promise<void> {
    const socket = {
      data: (from: RawSocket, chunk: Uint8Array) => this.#arrived(from, chunk),
      drain: () => this.#drain(),
      end: () => this.#end(),
      close: () => this.#close(),
      error: () => this.#close(),
    };
    const secure = url.protocol === "https:";
    const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
    const place =
      options.unixSocket === undefined ? { hostname: url.hostname.replace(/^\[|\]$/g, ""), port } : { unix: options.unixSocket };
    // The runtime's types do not know that a half-open socket may have certificates of its own.
    const connect: (options: never) => Promise<unknown> = Bun.connect;
    try {
      const tls = secure ? { tls: tlsSettings(options.tls, url.hostname) } : {};
      this.#socket = (await connect({ ...place, ...tls, allowHalfOpen: true, socket } as never)) as RawSocket;
    } catch (error) {
      throw new ToolError("unavailable", `${what}: ${error instanceof Error ? error.message : String(error)}`, {
        code: "connection-refused",
      });
    }
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = await this.next();
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  /** The next piece; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#waiting -= chunk.length;
        if (this.#waiting < HIGH_WATER) this.#socket?.resume();
        return chunk;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  putBack(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunks.unshift(chunk);
    this.#waiting += chunk.length;
  }

  async send(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length && !this.#closed; ) {
      const sent = this.#socket?.write(data.subarray(at)) ?? 0;
      if (sent < 0) return;
      at += sent;
      if (at < data.length) await this.#drained.promise;
    }
  }

  endInput(): void {
    if (!this.#closed) this.#socket?.shutdown();
  }

  close(): void {
    if (!this.#closed) this.#socket?.end();
    this.#close();
  }

  #arrived(from: RawSocket, chunk: Uint8Array): void {
    this.#chunks.push(Uint8Array.from(chunk));
    this.#waiting += chunk.length;
    if (this.#waiting >= HIGH_WATER) from.pause();
    this.#signal();
  }

  #drain(): void {
    this.#drained.resolve();
    this.#drained = Promise.withResolvers<void>();
  }

  #end(): void {
    this.#ended = true;
    this.#signal();
  }

  #close(): void {
    this.#closed = true;
    this.#drain();
    this.#end();
  }

  #signal(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function tlsSettings(tls: TlsOptions | undefined, host: string): Record<string, unknown> {
  return {
    serverName: host,
    rejectUnauthorized: tls?.verify !== false,
    ...(tls?.ca === undefined ? {} : { ca: tls.ca.join("\n") }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert, key: tls.key }),
  };
}

function requestBytes(url: URL, options: UpgradeOptions): Uint8Array {
  const body = Buffer.from(options.body ?? "");
  const lines = [
    `${options.method ?? "POST"} ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Connection: Upgrade",
    "Upgrade: tcp",
    `Content-Length: ${body.length}`,
    ...Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}

async function readHead(channel: Channel, what: string): Promise<{ status: number; headers: Headers }> {
  let seen = Buffer.alloc(0);
  for (;;) {
    const chunk = await channel.next();
    if (chunk === undefined) throw new ToolError("unavailable", `${what}: connection closed by the server`, { code: "connection-reset" });
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf("\r\n\r\n");
    if (end === -1 && seen.length < MAX_HEAD) continue;
    const head = seen.toString("latin1", 0, Math.max(end, 0));
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head)?.[1]);
    if (end === -1 || Number.isNaN(status)) throw new ToolError("unavailable", `${what}: the server does not speak HTTP`);
    channel.putBack(seen.subarray(end + 4));
    return { status, headers: headersOf(head) };
  }
}

function headersOf(head: string): Headers {
  const headers = new Headers();
  for (const line of head.split("\r\n").slice(1)) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) headers.append(match[1], match[2]);
  }
  return headers;
}

/** At most a head's worth of text: errors are short. */
async function readRefusal(channel: Channel, headers: Headers): Promise<string> {
  const length = Math.min(Number(headers.get("content-length") ?? MAX_HEAD), MAX_HEAD);
  const chunked = headers.get("transfer-encoding") === "chunked";
  let text = Buffer.alloc(0);
  while (chunked ? !text.includes("\r\n0\r\n") : text.length < length) {
    const chunk = await channel.next();
    if (chunk === undefined) break;
    text = Buffer.concat([text, chunk]);
  }
  const plain = text.toString("utf8");
  return chunked ? plain.replace(/(?:^|\r\n)[0-9a-f]+\r\n/gi, "") : plain;
}
