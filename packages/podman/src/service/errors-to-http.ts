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

/** `run`, with these words before the message of an error, and this status. */
export async function withContext<T>(context: string, run: () => Promise<T> | T, status = 500): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    const { message, because } = httpError(status, error);
    throw new HttpError(status, `${context}: ${message}`, { ...(because === undefined ? {} : { because }), cause: error });
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

/** Ends of messages that hold a colon of their own: with the original they are one error, not a chain. */
const INDIVISIBLE = new RegExp(
  [
    "invalid signal: [^:]*",
    "failed to parse value as time or duration: .*",
    "invalid --security-opt \\d+: .*",
    "invalid ulimit type: .*",
    "invalid CIDR address: .*",
    "invalid IP address: .*",
    "normalizing name for compat API: .*",
    "bad parameter: .*",
    "Unknown character: .*",
    "unknown format .*",
    "invalid generation type - .*",
    "cannot use --new on .*",
    "container [0-9a-f]{64} is associated with pod [0-9a-f]{64}: .*",
    'invalid image filter "[^"]*": must be in the format .*',
    "sha256:[0-9a-f]+: invalid format: .*",
    "copier: (?:get|put|stat): .*: exists but is not a directory",
    "ps\\(1\\) failed with exit code .*",
  ]
    .map((end) => `(?:${end})$`)
    .join("|"),
  "s",
);

/** The innermost message: of the chain, and within it what follows the last `: ` outside of quotes. */
function causeOf(error: unknown, message: string): string {
  let innermost = message;
  for (let at: unknown = error instanceof Error ? error.cause : undefined; at instanceof Error; at = at.cause) {
    if (at.message !== "") innermost = at.message;
  }
  const whole = INDIVISIBLE.exec(innermost)?.[0];
  if (whole !== undefined) return whole;
  const unquoted = innermost.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => "_".repeat(quoted.length));
  const at = unquoted.lastIndexOf(": ");
  const last = at === -1 ? innermost : innermost.slice(at + 2);
  // A registry's error names its code before what the registry said, which for this one is the same.
  return last === "manifest unknown" ? "manifest unknown: manifest unknown" : last;
}
