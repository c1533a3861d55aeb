import { describeError, isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "./local-images.ts";

export interface RetryOptions {
  /** How many times more, after the first; 0 unless told. */
  readonly retries?: number;
  /** Milliseconds between attempts; without it 1 s, 2 s, 4 s, … */
  readonly retryDelay?: number;
  readonly signal?: AbortSignal;
  /** Told before each new attempt. */
  warn?(line: string): void;
}

/** The attempts that a caller asks for, with what the images' owner says where he asks for nothing. */
export function retriesFor(
  images: Pick<LocalImages, "retryDelay" | "signal" | "warn">,
  { retries, retryDelay = images.retryDelay }: Pick<RetryOptions, "retries" | "retryDelay">,
): RetryOptions {
  return { retries, retryDelay, signal: images.signal, warn: images.warn };
}

/** What time changes nothing about: a certificate, a name that nobody knows, a redirection. */
const LASTING = ["tls", "host-unknown", "redirect"];

function mayHeal(error: unknown): boolean {
  return error instanceof ToolError && isErrorOfKind(error, "unavailable") && !LASTING.includes(error.code ?? "");
}

/** Does the deed again after a failure that time may heal: an unreachable registry, not a missing image or a refused login. */
export async function withRetries<T>(deed: () => Promise<T>, options: RetryOptions): Promise<T> {
  const retries = options.retries ?? 0;
  for (let attempt = 0; ; attempt++) {
    try {
      return await deed();
    } catch (error) {
      if (attempt >= retries || options.signal?.aborted === true || !mayHeal(error)) throw error;
      const delay = options.retryDelay ?? 1000 * 2 ** attempt;
      const pause = delay < 1000 ? `${delay}ms` : `${delay / 1000}s`;
      options.warn?.(`Failed, retrying in ${pause} ... (${attempt + 1}/${retries}). Error: ${describeError(error)}`);
      await Bun.sleep(delay);
    }
  }
}
