import { ToolError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";

const MAX_ANSWER_BYTES = 1 << 20;
const TIMEOUT_MS = 30_000;

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What is sent: fields of a form, or anything as JSON; a GET without either. */
export interface ServiceRequest {
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One exchange with a service of sigstore's or an identity provider. */
export async function askService(url: string, { form, json, headers }: ServiceRequest = {}): Promise<ServiceAnswer> {
  const body = form === undefined ? (json === undefined ? undefined : JSON.stringify(json)) : new URLSearchParams(form).toString();
  const type = form === undefined ? "application/json" : "application/x-www-form-urlencoded";
  const response = await httpRequest(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": type }), ...headers },
    ...(body === undefined ? {} : { body }),
    timeoutMs: TIMEOUT_MS,
  });
  return { status: response.status, headers: response.headers, text: await response.text(MAX_ANSWER_BYTES) };
}

/** The answer's JSON object. @throws corrupt */
export function parseAnswer({ text }: ServiceAnswer, from: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new ToolError("corrupt", `parsing the answer of ${from}`, { cause: error });
  }
  throw new ToolError("corrupt", `the answer of ${from} is no JSON object`);
}
