import { describeError, isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { errnoCode } from "@containers/common/sys/sys-error";
import { z } from "zod";

/** Version of the protocol that the original calls "containers image proxy"; clients ask for at least some 0.2.x. */
export const PROTOCOL_VERSION = "0.2.8";
/** Bytes of one message; content goes through pipes. */
export const MAX_MESSAGE = 32 * 1024;

const requestShape = z.object({ method: z.string(), args: z.array(z.unknown()).nullish() });

export interface ProxyRequest {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What a method answers with. */
export interface ProxyReply {
  readonly value?: unknown;
  /** Read ends of pipes, which go to the client: content, then for some methods errors. */
  readonly descriptors?: readonly number[];
  /** To be named in FinishPipe. */
  readonly pipeId?: number;
}

/** @throws ToolError invalid-argument */
export function parseRequest(message: Uint8Array): ProxyRequest {
  try {
    const { method, args } = requestShape.parse(JSON.parse(Buffer.from(message).toString("utf8")));
    return { method, args: args ?? [] };
  } catch (error) {
    throw new ToolError("invalid-argument", "invalid request", { cause: error });
  }
}

export function encodeReply(reply: ProxyReply): Uint8Array {
  return encode({ success: true, value: reply.value ?? null, pipeid: reply.pipeId ?? 0, error_code: "", error: "" });
}

export function encodeFailure(error: unknown): Uint8Array {
  return encode({ success: false, value: null, pipeid: 0, error_code: errorCode(error), error: describeError(error) });
}

/** What GetRawBlob writes into its pipe for errors. */
export function encodeStreamError(error: unknown): Uint8Array {
  return encode({ code: errorCode(error), message: describeError(error) });
}

function encode(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function errorCode(error: unknown): "EPIPE" | "retryable" | "other" {
  if (errnoCode(error) === "EPIPE") return "EPIPE";
  return isErrorOfKind(error, "unavailable") ? "retryable" : "other";
}

/** An id or a size: a whole number that JSON carries exactly. */
export function numberArgument(value: unknown): number {
  if (typeof value !== "number") throw new ToolError("invalid-argument", `expecting numeric, not ${typeof value}`);
  if (!Number.isSafeInteger(value) || value < 0) throw new ToolError("invalid-argument", `out of range integer for numeric ${value}`);
  return value;
}

export function textArgument(value: unknown, what: string): string {
  if (typeof value !== "string") throw new ToolError("invalid-argument", `expecting string ${what}, not ${typeof value}`);
  return value;
}
