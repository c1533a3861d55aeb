/**
 * What went wrong, in the few kinds that callers act on. Exit codes, HTTP statuses and tests
 * read the kind, never the wording.
 */
export type ErrorKind =
  | "not-found"
  | "already-exists"
  | "in-use"
  | "invalid-state"
  | "invalid-argument"
  | "denied"
  | "unsupported"
  | "unavailable"
  | "corrupt"
  | "cancelled"
  | "internal";

export interface ToolErrorDetails {
  /** Why it failed: the error underneath. Its message is appended to ours when printed. */
  readonly cause?: unknown;
  /** What the user can do about it: one clause, no full stop. */
  readonly hint?: string;
  /** The message may have several lines, which are printed as they are: somebody else made it. */
  readonly verbatim?: boolean;
  /** A stable name for this one failure, for tests and callers that tell kinds apart further. */
  readonly code?: string;
  /** The exit code, where the command's contract asks for one that the kind does not imply. */
  readonly exitCode?: number;
}

/**
 * The base of every error that a user may see. The message is lower case, without a full stop, and
 * names the path, id or reference at fault; credentials never enter it.
 */
export class ToolError extends Error {
  override readonly name: string = "ToolError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly verbatim: boolean;
  readonly exitCode: number | undefined;

  constructor(kind: ErrorKind, message: string, details: ToolErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = details.code ?? kind;
    this.hint = details.hint;
    this.verbatim = details.verbatim === true;
    this.exitCode = details.exitCode;
  }
}

/** True for a {@link ToolError} of the given kind, however deep it is wrapped. */
export function isErrorOfKind(error: unknown, kind: ErrorKind): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof ToolError && at.kind === kind) return true;
  }
  return false;
}

/**
 * Adds context to an error: `pulling alpine: registry answered 404`. Kind, code and hint stay those of
 * the error underneath, so that wrapping never hides what a caller acts on.
 */
export function wrapError(context: string, error: unknown): ToolError {
  const inner = error instanceof ToolError ? error : undefined;
  return new ToolError(inner?.kind ?? "internal", context, {
    cause: error,
    code: inner?.code,
    hint: undefined,
    exitCode: inner?.exitCode,
  });
}

/** The code of errors that an OCI runtime told of. */
export const RUNTIME_FAILED = "runtime-failed";
const RUNTIME_ERROR = "OCI runtime error";

/** {@link describeError} as a command prints it: that it was the runtime stands in front, instead of at the end. */
export function printedError(error: unknown): string {
  const text = describeError(error);
  const isRuntimes = error instanceof ToolError && error.code === RUNTIME_FAILED && text.endsWith(`: ${RUNTIME_ERROR}`);
  return isRuntimes ? `${RUNTIME_ERROR}: ${text.slice(0, -RUNTIME_ERROR.length - 2)}` : text;
}

/** The whole story in one line: every message of the chain, outermost first, then the innermost hint. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let hint: string | undefined;
  let isVerbatim = false;
  for (let at: unknown = error; at !== undefined && at !== null; at = at instanceof Error ? at.cause : undefined) {
    const message = at instanceof Error ? systemMessage(at.message) : String(at);
    if (message !== "" && !parts.some((part) => part.endsWith(message))) parts.push(message);
    if (!(at instanceof ToolError)) continue;
    if (at.hint !== undefined) hint = at.hint;
    isVerbatim ||= at.verbatim;
  }
  const whole = parts.join(": ");
  const line = isVerbatim ? whole : whole.replace(/\s*\n\s*/g, " ");
  return hint === undefined ? line : `${line} (${hint})`;
}

/** A failed system call in the words that people know: `open x: no such file or directory`. */
function systemMessage(message: string): string {
  const match = /^E[A-Z0-9]+: ([^,]+), ([a-z]+) '([^']*)'/.exec(message);
  return match === null ? message : `${match[2]} ${match[3]}: ${match[1]}`;
}
