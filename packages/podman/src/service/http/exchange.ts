import type { RequestBody } from "./request-body.ts";
import type { RequestHead } from "./request-head.ts";
import { STATUS_CODES } from "./status-codes.ts";
import { ClientGone, type Wire } from "./wire.ts";

/** An answer, as data. */
export interface Reply {
  readonly status: number;
  /** By name as it is to be printed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: no body. What is short gets a content length; what is long, or comes piece by piece, is sent in pieces. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** Goes out without the headers that all answers have. */
  readonly bare?: boolean;
}

/** One request and the way to its answer. */
export interface Exchange {
  readonly head: RequestHead;
  readonly body: RequestBody;
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
  /** Takes the connection over: `head` (status line, headers and empty line) is written, and what follows belongs to the caller, who closes it. */
  hijack(head: string): Promise<Wire>;
}

/** What became of a request. */
export type Outcome = Reply | "hijacked";

export type Serve = (exchange: Exchange) => Promise<Outcome>;

/** Bytes of a body up to which its length is told before it: as much as Go's server holds back. */
const TOLD_LENGTH = 2048;

/** Writes an answer; false when the connection cannot be used any further. */
export async function writeReply(
  wire: Wire,
  reply: Reply,
  request: { readonly head: RequestHead; readonly keepAlive: boolean },
): Promise<boolean> {
  const { head, keepAlive } = request;
  const { body } = reply;
  const bodiless = reply.status === 204 || reply.status === 304;
  const whole = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  const bytes = whole ? Buffer.from(body ?? "") : undefined;
  const isLong = bytes !== undefined && bytes.length > TOLD_LENGTH && reply.headers?.["Content-Length"] === undefined;
  const chunked = (!whole || isLong) && head.minorVersion === 1 && !bodiless;
  const stays = keepAlive && (whole || chunked);
  const length =
    bytes === undefined || chunked || bodiless || (head.method === "HEAD" && bytes.length === 0)
      ? {}
      : { "Content-Length": String(bytes.length) };
  const text = headText(reply.status, {
    ...reply.headers,
    Date: new Date().toUTCString(),
    ...length,
    ...(chunked ? { "Transfer-Encoding": "chunked" } : {}),
    ...(stays ? {} : { Connection: "close" }),
  });
  if (whole || bodiless || head.method === "HEAD") {
    const payload = bodiless || head.method === "HEAD" || bytes === undefined ? Buffer.alloc(0) : bytes;
    const framed = chunked && payload.length > 0 ? [...chunkOf(payload), Buffer.from("0\r\n\r\n")] : [payload];
    await wire.write(Buffer.concat([Buffer.from(text), ...framed]));
    return stays;
  }
  await wire.write(text);
  await writePieces(wire, body, chunked);
  return stays;
}

async function writePieces(wire: Wire, body: AsyncIterable<string | Uint8Array>, chunked: boolean): Promise<void> {
  for await (const piece of body) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    if (bytes.length === 0) continue;
    await wire.write(chunked ? Buffer.concat(chunkOf(bytes)) : bytes);
  }
  if (wire.isClosed) throw new ClientGone();
  if (chunked) await wire.write("0\r\n\r\n");
}

function chunkOf(bytes: Uint8Array): Uint8Array[] {
  return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")];
}

/** Status line and headers. A header's value cannot break out of its line. */
export function headText(status: number, headers: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(headers).map(([name, value]) =>
    value === undefined ? "" : `${name}: ${value.replace(/[\r\n\0]+/g, " ")}\r\n`,
  );
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`;
}
