import type * as z from "zod/mini";
import { HttpError } from "../errors-to-http.ts";
import type { ApiRequest } from "../route.ts";

/** Largest JSON body that is taken. */
const BODY_LIMIT = 16 << 20;

export interface BodyOptions {
  /** What the message of a refusal begins with. */
  readonly context?: string;
  /** Of a refusal; default 500, as the original has it in most places. */
  readonly status?: number;
  /** What an absent body means; without it that is an error. */
  readonly ifEmpty?: unknown;
}

/**
 * The request's JSON body, checked against a schema.
 * @throws HttpError when it is no JSON or of another shape
 */
export async function readBody<S extends z.ZodMiniType>(
  request: Pick<ApiRequest, "body">,
  schema: S,
  options: BodyOptions = {},
): Promise<z.infer<S>> {
  const { context = "decode()", status = 500 } = options;
  const refuse = (because: string): never => {
    throw new HttpError(status, `${context}: ${because}`, { because });
  };
  const text = (await readAll(request, refuse)).trim();
  if (text === "" && !("ifEmpty" in options)) return refuse("EOF");
  const value = text === "" ? options.ifEmpty : parse(text, refuse);
  const { safeParse } = await import("zod/mini");
  const checked = safeParse(schema, value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  return refuse(`json: cannot unmarshal ${kindAt(value, issue?.path ?? [])} into Go struct field .${(issue?.path ?? []).join(".")}`);
}

async function readAll({ body }: Pick<ApiRequest, "body">, refuse: (because: string) => never): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > BODY_LIMIT) refuse("request body too large");
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parse(text: string, refuse: (because: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const at = /^\{\s*([^"}\s])/.exec(text)?.[1];
    if (at !== undefined) return refuse(`invalid character '${at}' looking for beginning of object key string`);
    return refuse(/^[{["]/.test(text) ? "unexpected EOF" : `invalid character '${text[0] ?? ""}' looking for beginning of value`);
  }
}

function kindAt(value: unknown, path: readonly PropertyKey[]): string {
  let at: unknown = value;
  for (const key of path) at = typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined;
  return Array.isArray(at) ? "array" : at === null ? "null" : typeof at === "boolean" ? "bool" : typeof at;
}
