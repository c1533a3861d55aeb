import type { Reply } from "./http/exchange.ts";

/** A JSON answer, with the line end that the original prints. */
export function json(status: number, value: unknown): Reply {
  return { status, headers: { "Content-Type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}

/** `204 No Content` unless told otherwise. */
export function empty(status = 204): Reply {
  return { status };
}

/** A JSON answer that the original flushes before it is complete: without a length, and where it writes the status first, without a type. */
export function flushedJson(value: unknown, { isTyped = true }: { readonly isTyped?: boolean } = {}): Reply {
  return { ...jsonLines([JSON.stringify(value)]), headers: isTyped ? { "Content-Type": "application/json" } : {} };
}

/** JSON texts, one a line, each sent as soon as it is there. */
export function jsonLines(lines: AsyncIterable<string> | Iterable<string>): Reply {
  return { status: 200, headers: { "Content-Type": "application/json" }, body: ended(lines) };
}

async function* ended(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** A tar archive, or other bytes, as they come. */
export function bytes(
  body: AsyncIterable<Uint8Array>,
  contentType = "application/x-tar",
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status: 200, headers: { "Content-Type": contentType, ...headers }, body };
}

/** What a server of Go's answers where nothing else does. */
export function plainText(status: number, text: string): Reply {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" }, body: `${text}\n` };
}
