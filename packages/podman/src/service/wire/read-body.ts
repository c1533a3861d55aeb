import type * as z from "zod/mini";
import { HttpError } from "../errors-to-http.ts";
import type { ApiRequest } from "../route.ts";
import { jsonProblem, mismatch } from "./go-object.ts";
import { matchKeys } from "./match-keys.ts";

/** Largest JSON body that is taken. */
const BODY_LIMIT = 16 << 20;

export interface BodyOptions {
  /** What the message of a refusal begins with. */
  readonly context?: string;
  /** Of a refusal; default 500, as the original has it in most places. */
  readonly status?: number;
  /** What an absent body means; without it that is an error. */
  readonly ifEmpty?: unknown;
  /** Go's name of the body's type, with its package: `registry.AuthConfig`. */
  readonly type?: string;
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
  const { context = "decode()", status = 500, type = "" } = options;
  const refuse = (because: string): never => {
    throw new HttpError(status, `${context}: ${because}`, { because });
  };
  const text = (await readAll(request, refuse)).trim();
  if (text === "" && !("ifEmpty" in options)) return refuse("EOF");
  const value = text === "" ? options.ifEmpty : parse(text, refuse);
  const { safeParse } = await import("zod/mini");
  const matched = matchKeys(schema, value);
  const checked = safeParse(schema, matched);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const path = issue?.path ?? [];
  const wanted = path.length === 0 ? type : (TYPE_OF_FIELD[String(path.at(-1))] ?? GO_TYPES[expected(issue)] ?? "string");
  return refuse(mismatch(valueAt(matched, path), path.length === 0 ? "" : [shortName(type), ...path].join("."), wanted));
}

const GO_TYPES: Readonly<Record<string, string>> = {
  string: "string",
  number: "int64",
  boolean: "bool",
  array: "[]string",
  record: "map[string]string",
};

/** Fields that are structures of their own. */
const TYPE_OF_FIELD: Readonly<Record<string, string>> = {
  HostConfig: "container.HostConfig",
  Healthcheck: "container.HealthConfig",
  NetworkingConfig: "network.NetworkingConfig",
  EndpointConfig: "network.EndpointSettings",
  IPAM: "network.IPAM",
  RestartPolicy: "container.RestartPolicy",
};

function expected(issue: z.core.$ZodIssue | undefined): string {
  return issue?.code === "invalid_type" ? issue.expected : "";
}

/** Fields of a type that embeds another are told without a name. */
function shortName(type: string): string {
  return EMBEDDING.has(type) ? "" : type.slice(type.indexOf(".") + 1);
}

/** The original has no name for the body of a new secret. */
export const SECRET_CREATE_TYPE = 'struct { *entities.SecretCreateRequest; Labels map[string]string "schema:\\"labels\\"" }';

const EMBEDDING = new Set(["handlers.ExecCreateConfig", "handlers.ExecStartConfig", SECRET_CREATE_TYPE]);

/** The whole body as text, which may be empty. */
export async function readText(request: Pick<ApiRequest, "body">): Promise<string> {
  return readAll(request, (because) => {
    throw new HttpError(413, because);
  });
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
    return refuse(jsonProblem(text));
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value;
  for (const key of path) at = typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined;
  return at;
}
