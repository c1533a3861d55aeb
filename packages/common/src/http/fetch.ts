import type { RequestInit as FetchRequest } from "undici";
import { type ByteStream, ownMemory, readAll, streamOf } from "../digest/byte-stream.ts";
import { ToolError } from "../errors/tool-error.ts";
import { requestWords, toHttpError } from "./http-error.ts";
import { proxyFor } from "./proxy.ts";

/** Certificates for one connection, in PEM. */
export interface TlsOptions {
  /** Authorities to trust; undefined: the runtime's own list. */
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  /** False accepts any certificate. */
  readonly verify?: boolean;
}

export interface HttpRequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent chunked, unless a content-length header says how long it is. */
  readonly body?: Uint8Array | string | ByteStream;
  /** The body is a large stream, each piece of which is valid only until the next is asked for: sent without copying where that is possible. */
  readonly largeUpload?: boolean;
  readonly tls?: TlsOptions;
  /** Proxy URL; undefined: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say; "": none. */
  readonly proxy?: string;
  /** Path of a Unix socket to connect to, whatever the URL's host is. */
  readonly unixSocket?: string;
  /** Default: manual, so that nobody's credentials travel unasked. */
  readonly redirect?: "manual" | "follow";
  readonly signal?: AbortSignal;
  /** Time until the response's head has arrived; the body may take longer. Default: none. */
  readonly timeoutMs?: number;
  /** The body that comes back is large: worth a connection of its own where that makes it cheaper. */
  readonly largeDownload?: boolean;
}

export interface HttpResponse {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body, once; not decompressed. `borrowed`: each piece is used before the next is asked for, so that its memory may be used again. */
  stream(options?: { readonly borrowed?: boolean }): ByteStream;
  /** The whole body, at most `max` bytes (throws corrupt beyond). */
  bytes(max: number): Promise<Uint8Array>;
  text(max: number): Promise<string>;
  /** Drops the body, so that the connection is free again. */
  discard(): Promise<void>;
}

/**
 * One HTTP exchange. The only place that knows the runtime's fetch (on Bun, `undici`'s fetch is this same function; measured to honour
 * certificates, proxies, Unix sockets and backpressure), TLS, proxies and sockets.
 *
 * Throws unavailable when no response came; `code` tells why: `connection-refused`, `connection-reset`, `host-unknown`,
 * `tls`, `timeout` or `connection`. Throws cancelled when the signal fired.
 */
export async function httpRequest(url: string, options: HttpRequestOptions = {}): Promise<HttpResponse> {
  const deadline = withDeadline(options.signal, options.timeoutMs);
  try {
    const direct = (await downloadDirectly(url, options, deadline.signal)) ?? (await uploadDirectly(url, options, deadline.signal));
    if (direct !== undefined) return direct;
    const response = await fetch(url, fetchOptions(url, options, deadline.signal));
    return toHttpResponse(url, response, options.signal);
  } catch (error) {
    if (deadline.expired())
      throw new ToolError("unavailable", `${describe(options.method, url)}: timed out after ${options.timeoutMs} ms`, { code: "timeout" });
    throw toHttpError(error, describe(options.method, url), options.signal, url);
  } finally {
    deadline.clear();
  }
}

/** Undefined when the request, or what came back, is fetch's business. */
async function downloadDirectly(
  url: string,
  options: HttpRequestOptions,
  headSignal: AbortSignal | undefined,
): Promise<HttpResponse | undefined> {
  if (options.largeDownload !== true || (options.method ?? "GET") !== "GET" || !isDirect(url, options)) return undefined;
  const { plainDownload } = await import("./plain-download.ts");
  const what = `reading from ${redactUrl(url)}`;
  const headers = new Headers({ "accept-encoding": "identity", ...options.headers });
  const response = await plainDownload(new URL(url), { headers, headSignal, signal: options.signal, what });
  if (response === undefined) return undefined;
  const bytes = (max: number): Promise<Uint8Array> => readAll(response.stream(), max, `the answer of ${redactUrl(url)}`);
  return {
    url,
    status: response.status,
    headers: response.headers,
    stream: response.stream,
    bytes,
    text: async (max) => new TextDecoder().decode(await bytes(max)),
    discard: async () => response.close(),
  };
}

/** Undefined when the request is fetch's business; its body is as it was then. */
async function uploadDirectly(
  url: string,
  options: HttpRequestOptions,
  headSignal: AbortSignal | undefined,
): Promise<HttpResponse | undefined> {
  const { body } = options;
  if (options.largeUpload !== true || body === undefined || typeof body === "string" || body instanceof Uint8Array) return undefined;
  if (!isDirect(url, options)) return undefined;
  const { plainUpload } = await import("./plain-upload.ts");
  const headers = new Headers({ "accept-encoding": "identity", ...options.headers });
  const what = describe(options.method, url);
  const answer = await plainUpload(new URL(url), {
    method: options.method ?? "POST",
    headers,
    body,
    headSignal,
    signal: options.signal,
    what,
  });
  if (answer === undefined) return undefined;
  const stream = (): ByteStream => streamOf(answer.body);
  const bytes = (max: number): Promise<Uint8Array> => readAll(stream(), max, `the answer of ${redactUrl(url)}`);
  return {
    url,
    status: answer.status,
    headers: answer.headers,
    stream,
    bytes,
    text: async (max) => new TextDecoder().decode(await bytes(max)),
    discard: async () => undefined,
  };
}

/** Whether nothing but a plain connection to the URL's host is wanted. */
function isDirect(url: string, options: HttpRequestOptions): boolean {
  return url.startsWith("http:") && options.unixSocket === undefined && (options.proxy ?? proxyFor(url)) === "";
}

/** A URL without user, password and query, fit for errors and logs: signed storage URLs carry secrets in the query. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}${parsed.search === "" ? "" : "?…"}`;
  } catch {
    return "(invalid URL)";
  }
}

function fetchOptions(url: string, options: HttpRequestOptions, signal: AbortSignal | undefined): BunFetchRequestInit {
  const proxy = options.unixSocket === undefined ? (options.proxy ?? proxyFor(url)) : "";
  return {
    method: options.method ?? "GET",
    headers: { "accept-encoding": "identity", ...options.headers },
    body: ownedBody(options) as FetchRequest["body"],
    redirect: options.redirect ?? "manual",
    signal,
    // Digests are of the bytes as sent.
    decompress: false,
    timeout: false,
    // Left out, the runtime would take the environment's proxy by rules of its own, also for loopback.
    proxy: proxy === "" ? false : proxy,
    ...(options.unixSocket === undefined ? {} : { unix: options.unixSocket }),
    ...(options.tls === undefined ? {} : { tls: bunTls(options.tls) }),
  } as unknown as BunFetchRequestInit;
}

/** fetch reads ahead: what it gets must stay as it is. */
function ownedBody({ body, largeUpload }: HttpRequestOptions): HttpRequestOptions["body"] {
  return largeUpload === true && body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array) ? ownMemory(body) : body;
}

function bunTls(tls: TlsOptions): Record<string, unknown> {
  return {
    rejectUnauthorized: tls.verify !== false,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert, key: tls.key }),
  };
}

function toHttpResponse(url: string, response: Response, signal: AbortSignal | undefined): HttpResponse {
  const stream = (): ByteStream => bodyStream(response, `reading from ${redactUrl(url)}`, signal);
  const bytes = (max: number): Promise<Uint8Array> => readAll(stream(), max, `the answer of ${redactUrl(url)}`);
  return {
    url,
    status: response.status,
    headers: response.headers,
    stream,
    bytes,
    text: async (max) => new TextDecoder().decode(await bytes(max)),
    async discard() {
      await response.body?.cancel().catch(() => undefined);
    },
  };
}

/** Up to this declared length a body comes in one piece: setting a stream up costs more than most answers of a registry. */
const SMALL_BODY = 8192;

async function* bodyStream(response: Response, what: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const declared = Number(response.headers.get("content-length") ?? Number.POSITIVE_INFINITY);
  if (declared <= SMALL_BODY) {
    yield* smallBody(response, what, signal);
    return;
  }
  if (response.body === null) return;
  const reader = response.body.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } catch (error) {
    ended = true;
    throw toHttpError(error, what, signal);
  } finally {
    // The consumer stopped early: give the socket back instead of leaving the server stalled.
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

async function* smallBody(response: Response, what: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    const bytes = await response.bytes();
    if (bytes.length > 0) yield bytes;
  } catch (error) {
    throw toHttpError(error, what, signal);
  }
}

function describe(method: string | undefined, url: string): string {
  return requestWords(method ?? "GET", redactUrl(url));
}

interface Deadline {
  readonly signal: AbortSignal | undefined;
  expired(): boolean;
  clear(): void;
}

function withDeadline(signal: AbortSignal | undefined, timeoutMs: number | undefined): Deadline {
  if (timeoutMs === undefined) return { signal, expired: () => false, clear: () => undefined };
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, timeoutMs);
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    expired: () => late,
    clear: () => clearTimeout(timer),
  };
}
