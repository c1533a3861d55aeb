import type { ByteStream } from "../digest/byte-stream.ts";
import { ToolError } from "../errors/tool-error.ts";
import { type Inbox, openPlainConnection, plainLength, type ResponseHead, readHead, requestHead } from "./plain-connection.ts";
import { stopOn } from "./stop-on.ts";

/** The answer to an upload, whole. */
export interface PlainUpload {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface PlainUploadOptions {
  readonly method: string;
  /** With a content-length the body is sent as it is, else in chunks. */
  readonly headers: Headers;
  readonly body: ByteStream;
  readonly headSignal?: AbortSignal;
  readonly signal?: AbortSignal;
  /** Names the request in errors. */
  readonly what: string;
}

/** Answers to uploads are short. */
const MOST_ANSWER = 1 << 20;

/**
 * Sends a large body over plain http on a connection of its own: fetch copies it into a thread of its own first. Each piece of the body is with the kernel
 * before the next is asked for. Undefined when no connection comes about: nothing has been read of the body then, and fetch says why.
 *
 * Throws unavailable (`connection-reset`) when the connection ends without an answer, cancelled when a signal fired, and what the body throws.
 */
export async function plainUpload(url: URL, options: PlainUploadOptions): Promise<PlainUpload | undefined> {
  const { headers } = options;
  if (url.protocol !== "http:" || url.username !== "" || headers.has("expect") || headers.has("transfer-encoding")) return undefined;
  const isChunked = !headers.has("content-length");
  if (isChunked) headers.set("transfer-encoding", "chunked");
  const connection = await openPlainConnection(url, requestHead(options.method, url, headers));
  if (connection === undefined) return undefined;
  const stop = stopOn(options, () => {
    connection.inbox.fail(new ToolError("cancelled", `${options.what}: cancelled`));
    connection.terminate();
  });
  try {
    const answer = finalAnswer(connection.inbox);
    const send = (bytes: Uint8Array): Promise<boolean> => connection.send(bytes, answer.isThere);
    if (isChunked) await sendChunked(send, options.body);
    else await sendSized(send, options);
    const head = await answer.head();
    if (head === undefined)
      throw new ToolError("unavailable", `${options.what}: connection closed by the server`, { code: "connection-reset" });
    return { ...head, body: await readBody(connection.inbox, head, options.what) };
  } finally {
    stop.forget();
    connection.terminate();
  }
}

type SendPiece = (bytes: Uint8Array) => Promise<boolean>;

/** Stops when the server has answered, or gone: what it said counts then. */
async function sendSized(send: SendPiece, { body, headers, what }: PlainUploadOptions): Promise<void> {
  let left = Number(headers.get("content-length"));
  for await (const piece of body) {
    left -= piece.length;
    if (left < 0) throw new ToolError("internal", `${what}: the body is longer than was announced`);
    if (!(await send(piece))) return;
  }
  if (left > 0) throw new ToolError("internal", `${what}: the body is ${left} bytes shorter than was announced`);
}

async function sendChunked(send: SendPiece, body: ByteStream): Promise<void> {
  for await (const piece of body) {
    if (piece.length === 0) continue;
    const sent = (await send(Buffer.from(`${piece.length.toString(16)}\r\n`))) && (await send(piece)) && (await send(Buffer.from("\r\n")));
    if (!sent) return;
  }
  await send(Buffer.from("0\r\n\r\n"));
}

/** Reads the head of the answer proper: `100 Continue` and its like are none. */
function finalAnswer(inbox: Inbox): { isThere(): Promise<boolean>; head(): Promise<ResponseHead | undefined> } {
  let found: ResponseHead | undefined;
  const isThere = async (): Promise<boolean> => {
    const head = await readHead(inbox);
    if (head !== undefined && head.status < 200) return false;
    found = head;
    return true;
  };
  return {
    isThere,
    async head() {
      while (found === undefined && !(await isThere()) && !inbox.ended);
      return found;
    },
  };
}

async function readBody(inbox: Inbox, head: { readonly status: number; readonly headers: Headers }, what: string): Promise<Uint8Array> {
  if (head.status === 204 || head.status === 304) return new Uint8Array(0);
  // Without a length the connection's end is the body's.
  const length = plainLength(head.headers) ?? Number.POSITIVE_INFINITY;
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < length) {
    const chunk = await inbox.next();
    if (chunk === undefined) break;
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_ANSWER) throw new ToolError("corrupt", `${what}: the answer exceeds the limit of ${MOST_ANSWER} bytes`);
  }
  const whole = Buffer.concat(chunks, size);
  return head.headers.get("transfer-encoding")?.toLowerCase() === "chunked" ? joinChunks(whole) : whole.subarray(0, Math.min(size, length));
}

/** A chunked body put together; what is malformed ends it. */
function joinChunks(encoded: Buffer): Uint8Array {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = encoded.indexOf("\r\n", at);
    const size = line === -1 ? 0 : Number.parseInt(encoded.toString("latin1", at, line), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(encoded.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
