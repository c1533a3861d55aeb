import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { HttpResponse } from "@containers/common/http/fetch";
import { isRepeatable, type RegistryRequest, type Send } from "../exchange.ts";

export interface RetryOptions {
  /** Requests in all, the first included. */
  readonly attempts?: number;
  /** First pause in milliseconds; doubled each time. */
  readonly delayMs?: number;
  /** Longest pause, also when the server asks for more. */
  readonly maxDelayMs?: number;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

const RETRIED_STATUSES: readonly number[] = [408, 429, 500, 502, 503, 504];
const RETRIED_CODES: readonly string[] = ["connection-reset", "timeout"];

/**
 * Repeats what failed for a reason that passes: too many requests (waiting as long as Retry-After says), a server's
 * trouble, a connection cut. What has a streamed body is not repeated, and a refused connection is final.
 */
export function withRetry(send: Send, options: RetryOptions = {}): Send {
  const attempts = options.attempts ?? 5;
  const maxDelay = options.maxDelayMs ?? 60_000;
  const sleep = options.sleep ?? pause;
  return async (request) => {
    let delay = options.delayMs ?? 500;
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= attempts || !isRepeatable(request);
      const outcome = await attemptOnce(send, request, { last, again: attempt > 1 });
      if (outcome.final !== undefined) return outcome.final;
      const wait = Math.min(outcome.retryAfterMs ?? delay + Math.random() * delay * 0.2, maxDelay);
      await sleep(wait, request.signal);
      delay = Math.min(delay * 2, maxDelay);
    }
  };
}

async function attemptOnce(
  send: Send,
  request: RegistryRequest,
  state: { readonly last: boolean; readonly again: boolean },
): Promise<{ readonly final?: HttpResponse; readonly retryAfterMs?: number }> {
  try {
    const response = await send(request);
    if (state.last || !RETRIED_STATUSES.includes(response.status)) return { final: response };
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"));
    await response.discard();
    return { retryAfterMs };
  } catch (error) {
    if (state.last || !(error instanceof ToolError) || !RETRIED_CODES.includes(error.code) || isErrorOfKind(error, "cancelled"))
      throw error;
    // Silence was waited for long enough already: one more try.
    if (error.code === "timeout" && state.again) throw error;
    return {};
  }
}

/** Retry-After in milliseconds: seconds or a date; undefined when absent or malformed. */
export function parseRetryAfter(header: string | null, now: number = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** Waits; an abort ends the wait with cancelled. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new ToolError("cancelled", "cancelled while waiting for a registry"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
