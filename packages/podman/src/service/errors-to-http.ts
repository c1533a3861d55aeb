import { describeError, type ErrorKind, isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { Reply } from "./http/exchange.ts";
import { json } from "./reply.ts";

/** An error whose status the handler knows better than the table below. */
export class HttpError extends Error {
  readonly status: number;
  /** What the answer names as its cause, where that is not the whole message. */
  readonly because: string | undefined;

  constructor(status: number, message: string, details: { readonly because?: string; readonly cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = status;
    this.because = details.because;
  }
}

/** The only table from kinds of error to statuses; what is not here is 500, as with the original. */
const STATUS_OF_KIND: Partial<Record<ErrorKind, number>> = { "not-found": 404 };

/** The answer to a request that failed: the original's three keys. */
export function errorReply(error: unknown): Reply {
  const status = statusOf(error);
  const message = error instanceof HttpError ? error.message : describeError(error);
  const because = error instanceof HttpError ? (error.because ?? message) : causeOf(error, message);
  return json(status, { cause: because, message, response: status });
}

/** `run` with errors of some kinds answered otherwise than the table says. */
export async function withStatuses<T>(statuses: Partial<Record<ErrorKind, number>>, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    for (const [kind, status] of Object.entries(statuses)) {
      if (isErrorOfKind(error, kind as ErrorKind)) throw httpError(status, error);
    }
    throw error;
  }
}

/** `run`, with these words before the message of an error. */
export async function withContext<T>(context: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    const { message, because } = httpError(500, error);
    throw new HttpError(500, `${context}: ${message}`, { ...(because === undefined ? {} : { because }), cause: error });
  }
}

/** The same error with this status. */
export function httpError(status: number, error: unknown): HttpError {
  const message = describeError(error);
  return new HttpError(status, message, { because: causeOf(error, message), cause: error });
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof ToolError) return STATUS_OF_KIND[at.kind] ?? 500;
  }
  return 500;
}

/** The innermost message: of the chain, and within it what follows the last `: ` outside of quotes. */
function causeOf(error: unknown, message: string): string {
  let innermost = message;
  for (let at: unknown = error instanceof Error ? error.cause : undefined; at instanceof Error; at = at.cause) {
    if (at.message !== "") innermost = at.message;
  }
  const unquoted = innermost.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => "_".repeat(quoted.length));
  const at = unquoted.lastIndexOf(": ");
  return at === -1 ? innermost : innermost.slice(at + 2);
}
