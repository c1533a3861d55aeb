import type { RequestBody } from "./request-body.ts";
import type { RequestHead } from "./request-head.ts";
import { STATUS_CODES } from "./status-codes.ts";
import { ClientGone, type Wire } from "./wire.ts";

/** An answer, as data. */
export interface Reply {
  readonly status: number;
  /** By name as it is to be printed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: no body. Text and bytes get a content length; what comes piece by piece is sent piece by piece. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
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
  const chunked = !whole && head.minorVersion === 1;
  const stays = keepAlive && (whole || chunked);
  const bytes = whole ? Buffer.from(body ?? "") : undefined;
  const length =
    bytes === undefined || bodiless || (head.method === "HEAD" && bytes.length === 0) ? {} : { "Content-Length": String(bytes.length) };
  const text = headText(reply.status, {
    ...reply.headers,
    Date: new Date().toUTCString(),
    ...length,
    ...(chunked && !bodiless ? { "Transfer-Encoding": "chunked" } : {}),
    ...(stays ? {} : { Connection: "close" }),
  });
  if (whole || bodiless || head.method === "HEAD") {
    const payload = bodiless || head.method === "HEAD" || bytes === undefined ? undefined : bytes;
    await wire.write(payload === undefined || payload.length === 0 ? text : Buffer.concat([Buffer.from(text), payload]));
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
    await wire.write(chunked ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]) : bytes);
  }
  if (wire.isClosed) throw new ClientGone();
  if (chunked) await wire.write("0\r\n\r\n");
}

/** Status line and headers. A header's value cannot break out of its line. */
export function headText(status: number, headers: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(headers).map(([name, value]) =>
    value === undefined ? "" : `${name}: ${value.replace(/[\r\n\0]+/g, " ")}\r\n`,
  );
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`;
}
