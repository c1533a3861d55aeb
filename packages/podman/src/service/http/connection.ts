import { type Exchange, headText, type Outcome, type Serve, writeReply } from "./exchange.ts";
import type { InputQueue } from "./input-queue.ts";
import { requestBody } from "./request-body.ts";
import { findHeadEnd, HEAD_LIMIT, MalformedRequest, parseHead, type RequestHead } from "./request-head.ts";
import { STATUS_CODES } from "./status-codes.ts";
import { ClientGone, type Wire } from "./wire.ts";

/** What is left of a request's body is read up to here, so that the connection can be used again. */
const DRAIN_LIMIT = 256 * 1024;

export interface ConnectionOptions {
  readonly serve: Serve;
  /** Told when a request begins and when it is dealt with (for a hijacked one: when its connection is closed). */
  readonly onActive: (active: boolean) => void;
  /** Milliseconds that a head may take to come in. */
  readonly headTimeout: number;
  report(error: unknown): void;
}

/** Serves the requests of one connection, one after the other, until either side is done with it. Never throws. */
export async function serveConnection(wire: Wire, options: ConnectionOptions): Promise<void> {
  try {
    while (await serveOne(wire, options));
  } catch (error) {
    if (error instanceof MalformedRequest) await refuse(wire, error);
    else if (!(error instanceof ClientGone)) options.report(error);
  }
  wire.close();
}

async function serveOne(wire: Wire, options: ConnectionOptions): Promise<boolean> {
  const head = await readHead(wire, options.headTimeout);
  if (head === undefined) return false;
  options.onActive(true);
  const gone = new AbortController();
  let isAnswering = true;
  const abort = (): void => void (isAnswering && gone.abort());
  wire.onInputEnd(abort);
  try {
    const { exchange, isHijacked } = openExchange(wire, head, gone);
    const outcome = await options.serve(exchange);
    if (outcome === "hijacked" || isHijacked()) {
      await wire.closed;
      return false;
    }
    return await answer(wire, exchange, outcome);
  } finally {
    isAnswering = false;
    gone.abort();
    options.onActive(false);
  }
}

async function answer(wire: Wire, exchange: Exchange, reply: Exclude<Outcome, "hijacked">): Promise<boolean> {
  const { head, body } = exchange;
  // A client that was never told to go on with its body will not, or may: the connection's state is unknown then.
  const reusable = !head.close && (!head.expectsContinue || body.isEmpty || (await body.drain(0)));
  const stays = await writeReply(wire, reply, { head, keepAlive: reusable });
  return stays && (await body.drain(DRAIN_LIMIT));
}

function openExchange(wire: Wire, head: RequestHead, gone: AbortController): { exchange: Exchange; isHijacked: () => boolean } {
  let hijacked = false;
  const body = requestBody(wire.input, head.body, head.expectsContinue ? { onFirstRead: () => wire.write(headText(100, {})) } : {});
  return {
    isHijacked: () => hijacked,
    exchange: {
      head,
      body,
      signal: gone.signal,
      async hijack(text) {
        await body.drain(DRAIN_LIMIT);
        hijacked = true;
        await wire.write(text);
        return wire;
      },
    },
  };
}

/** The next head; undefined when the client ends the connection between requests. */
async function readHead(wire: Wire, timeout: number): Promise<RequestHead | undefined> {
  const first = await skipEmptyLines(wire.input);
  if (first === undefined) return undefined;
  const timer = setTimeout(() => wire.close(), timeout);
  try {
    let held = first;
    for (;;) {
      const end = findHeadEnd(held);
      if (end > HEAD_LIMIT || (end < 0 && held.length > HEAD_LIMIT)) throw new MalformedRequest(431, "the request's headers are too large");
      if (end >= 0) {
        wire.input.unread(held.subarray(end));
        return parseHead(held.subarray(0, end));
      }
      const more = await wire.input.read();
      if (more === undefined) return undefined;
      held = Buffer.concat([held, more]);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Some clients end a body with a line end that does not belong to it. */
async function skipEmptyLines(input: InputQueue): Promise<Buffer | undefined> {
  for (;;) {
    const bytes = await input.read();
    if (bytes === undefined) return undefined;
    let at = 0;
    while (bytes[at] === 13 || bytes[at] === 10) at++;
    if (at < bytes.length) return bytes.subarray(at);
  }
}

async function refuse(wire: Wire, error: MalformedRequest): Promise<void> {
  const status = `${error.status} ${STATUS_CODES[error.status] ?? ""}${error.isTold ? `: ${error.message}` : ""}`;
  const head = `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n`;
  await wire.write(`${head}${status}`).catch(() => undefined);
}
