import { describeError } from "@containers/common/errors/tool-error";
import type { TargetReport } from "../../containers/options.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import type { Reply } from "../http/exchange.ts";
import { decode, type Reader } from "../wire/go-object.ts";

/** One line of text, as the original answers where it has no object to show. */
export function line(status: number, text: string): Reply {
  return { status, headers: { "Content-Type": "text/plain; charset=us-ascii" }, body: `${text}\n` };
}

/** The whole body. Only for what is small by nature: specifications, not archives. */
export async function readBody(request: { readonly body: AsyncIterable<Buffer> }): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request.body) {
    size += piece.length;
    if (size > BODY_LIMIT) throw new HttpError(413, "the request's body is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const BODY_LIMIT = 16 * 1024 * 1024;

/** How a body that cannot be read is told: status and the words before the reason. */
export interface Refusal {
  readonly status?: number;
  readonly doing: string;
}

/** The body as JSON of a known shape. */
export async function readJson<T>(request: { readonly body: AsyncIterable<Buffer> }, read: Reader<T>, refusal: Refusal): Promise<T> {
  const body = await readBody(request);
  try {
    return decode(read, body);
  } catch (error) {
    const because = describeError(error);
    throw new HttpError(refusal.status ?? 500, `${refusal.doing}: ${because}`, { because, cause: error });
  }
}

/** The error of the only report there is, as this status where one is given. */
export function throwFirst(reports: readonly TargetReport[], status?: number): void {
  const [first] = reports;
  if (first?.error === undefined) return;
  throw status === undefined ? first.error : httpError(status, first.error);
}

/** `{"label":["a"]}` as `label=a`, for functions that take filters as the command line has them. */
export function filterTexts(filters: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(filters).flatMap(([key, values]) => values.map((value) => `${key}=${value}`));
}

/** Error or nothing, as reports of the original have it. */
export function errorText(error: unknown): string | null {
  return error === undefined ? null : describeError(error);
}
