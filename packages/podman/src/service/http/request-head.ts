/** Largest request line with headers, in bytes: what Go's server allows. */
export const HEAD_LIMIT = 1 << 20;
/** More header lines than any client has. */
const HEADER_COUNT_LIMIT = 2000;

/** The request line and headers of one HTTP/1.x request. */
export interface RequestHead {
  readonly method: string;
  /** As it stands on the request line, percent-encoded: path and query. */
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** By lower-case name; of a repeated header the values joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: BodyFraming;
  /** The client wants the connection closed after the answer. */
  readonly close: boolean;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}

export type BodyFraming = { readonly kind: "none" } | { readonly kind: "length"; readonly length: number } | { readonly kind: "chunked" };

/** A request that cannot be understood: it is answered with `status` and the connection closed. */
export class MalformedRequest extends Error {
  readonly status: number;
  /** The status line says why; of most requests the original's says nothing. */
  readonly isTold: boolean;

  constructor(status: number, message: string, { isTold = false }: { readonly isTold?: boolean } = {}) {
    super(message);
    this.status = status;
    this.isTold = isTold;
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Where the head in `bytes` ends, after its empty line; -1 when it does not yet. */
export function findHeadEnd(bytes: Buffer): number {
  const at = bytes.indexOf("\r\n\r\n");
  const bare = bytes.indexOf("\n\n");
  if (at >= 0 && (bare < 0 || at < bare)) return at + 4;
  return bare < 0 ? -1 : bare + 2;
}

/**
 * Understands a head, its empty line included (RFC 9112).
 * @throws MalformedRequest for what is not HTTP/1.x, and for framing that two readers could understand differently
 */
export function parseHead(bytes: Buffer): RequestHead {
  const lines = bytes.toString("latin1").split(/\r?\n/);
  const { method, target, minorVersion } = parseRequestLine(lines[0] ?? "");
  const headers = parseHeaders(lines.slice(1));
  if (minorVersion === 1 && !headers.has("host")) throw new MalformedRequest(400, "missing required Host header", { isTold: true });
  const connection = (headers.get("connection") ?? "").toLowerCase().split(/\s*,\s*/);
  return {
    method,
    target,
    minorVersion,
    headers,
    body: bodyFraming(headers),
    close: connection.includes("close") || (minorVersion === 0 && !connection.includes("keep-alive")),
    expectsContinue: minorVersion === 1 && headers.get("expect")?.toLowerCase() === "100-continue",
  };
}

function parseRequestLine(line: string): Pick<RequestHead, "method" | "target" | "minorVersion"> {
  const match = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/.exec(line);
  if (match === null) throw new MalformedRequest(400, "malformed HTTP request");
  const [, method = "", bytes = "", major, minor] = match;
  const target = Buffer.from(bytes, "latin1").toString("utf8");
  if (major !== "1" || (minor !== "0" && minor !== "1")) throw new MalformedRequest(505, "unsupported protocol version", { isTold: true });
  if (!TOKEN.test(method)) throw new MalformedRequest(400, "malformed HTTP method");
  const [path = ""] = target.split("?", 1);
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) throw new MalformedRequest(400, "invalid URL escape");
  return { method, target: originForm(target), minorVersion: minor === "0" ? 0 : 1 };
}

/** `http://d/path` of a client that speaks to a proxy → `/path`. */
function originForm(target: string): string {
  if (target.startsWith("/") || target === "*") return target;
  const absolute = /^https?:\/\/[^/?#]*(\/[^#]*)?/i.exec(target);
  if (absolute === null) throw new MalformedRequest(400, "malformed request target");
  return absolute[1] ?? "/";
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  let count = 0;
  for (const line of lines) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    // A folded line or a space before the colon: two servers could read these differently.
    if (!TOKEN.test(name)) throw new MalformedRequest(400, "malformed HTTP header");
    if (++count > HEADER_COUNT_LIMIT) throw new MalformedRequest(431, "too many headers");
    const value = line.slice(colon + 1).trim();
    if (/[\0\r]/.test(value)) throw new MalformedRequest(400, "invalid header value");
    const key = name.toLowerCase();
    const before = headers.get(key);
    if (before !== undefined && (key === "content-length" || key === "host" || key === "transfer-encoding"))
      throw new MalformedRequest(400, `repeated header ${name}`);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function bodyFraming(headers: ReadonlyMap<string, string>): BodyFraming {
  const encoding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== "chunked") throw new MalformedRequest(501, `unsupported transfer encoding ${JSON.stringify(encoding)}`);
    if (length !== undefined) throw new MalformedRequest(400, "both a content length and a transfer encoding");
    return { kind: "chunked" };
  }
  if (length === undefined || length === "0") return { kind: "none" };
  if (!/^\d{1,15}$/.test(length)) throw new MalformedRequest(400, "bad Content-Length");
  return Number(length) === 0 ? { kind: "none" } : { kind: "length", length: Number(length) };
}
