import type { Invocation } from "@containers/common/cli/define-command";
import { describeError, isErrorOfKind, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { type RetryOptions, withRetries } from "@containers/image/local-images/retry";
import { parseImageName } from "@containers/image/transports/register";
import type { ImageReference } from "@containers/image/transports/transport";
import { type Globals, readGlobals } from "./flags/global.ts";
import type { AccessSource } from "./flags/image.ts";
import { logLine } from "./log-line.ts";

/** What every command of skopeo starts with. */
export interface SkopeoCommand extends AccessSource {
  readonly globals: Globals;
  /** Fires at SIGINT, SIGTERM and after `--command-timeout`. */
  readonly signal: AbortSignal;
  /** Does a thing again as `--retry-times` says. */
  retrying<T>(deed: () => Promise<T>): Promise<T>;
}

/**
 * Runs a command's body with its globals read and its end prepared for: a signal or the time limit cancels what is under way, and an image
 * that is not there becomes exit code 2.
 */
export async function withCommand<V>(invocation: Invocation<V>, body: (command: SkopeoCommand) => Promise<void>): Promise<undefined> {
  const globals = readGlobals(invocation.globals);
  const controller = new AbortController();
  const stop = (): void => controller.abort(new ToolError("cancelled", "cancelled"));
  let timedOut = false;
  const end = (): void => {
    timedOut = true;
    stop();
  };
  const timer = globals.commandTimeout === 0 ? undefined : setTimeout(end, globals.commandTimeout);
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const flags = invocation.flags as Readonly<Record<string, unknown>>;
  const retry: RetryOptions = {
    retries: typeof flags["retryTimes"] === "number" ? flags["retryTimes"] : 0,
    retryDelay: typeof flags["retryDelay"] === "number" && flags["retryDelay"] > 0 ? flags["retryDelay"] : undefined,
    signal: controller.signal,
    warn: (line) => invocation.out.stderr(logLine("warning", line)),
  };
  try {
    await body({
      flags,
      globals,
      given: (flag) => invocation.given(flag),
      signal: controller.signal,
      retrying: (deed) => withRetries(deed, retry),
    });
  } catch (error) {
    if (timedOut) throw new ToolError("unavailable", describeTimeout(error), { exitCode: 1 });
    throw imageNotFound(error) && !hasExitCode(error) ? withExitCode(error, 2) : error;
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

/** What was being done when the time was over. */
function describeTimeout(error: unknown): string {
  const doing = describeError(error).replace(/(: |^)(the copy was )?cancelled.*$/, "");
  return doing === "" ? "context deadline exceeded" : `${doing}: context deadline exceeded`;
}

function hasExitCode(error: unknown): boolean {
  return error instanceof ToolError && error.exitCode !== undefined;
}

/** @throws invalid-argument, after the manner of `Invalid source name …` */
export function parseName(what: string, name: string): ImageReference {
  try {
    return parseImageName(name);
  } catch (error) {
    throw wrapError(what, error);
  }
}

/** Codes of errors that mean: the place is there, the image is not. */
const notFoundCodes = ["image-not-found", "image-unknown", "manifest-unknown", "no-such-image", "name-unknown"];

/** Whether the place is there and the image is not. */
export function imageNotFound(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof ToolError && notFoundCodes.includes(at.code)) return isErrorOfKind(at, "not-found");
  }
  return false;
}

/** The same error, ending the program with this status. */
export function withExitCode(error: unknown, exitCode: number): ToolError {
  const inner = error instanceof ToolError ? error : undefined;
  return new ToolError(inner?.kind ?? "not-found", inner?.message ?? "image not found", {
    cause: inner?.cause,
    code: inner?.code,
    hint: inner?.hint,
    exitCode,
  });
}
