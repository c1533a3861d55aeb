import { HttpError } from "./errors-to-http.ts";
import type { ApiRequest } from "./route.ts";
import { jsonProblem } from "./wire/go-object.ts";

/** How a parameter's text is read. `filters` is JSON: a map of lists, or of maps whose keys count. */
type ParamKind = "bool" | "int" | "uint16" | "string" | "strings";

type ParamValue<K extends ParamKind> = K extends "bool"
  ? boolean | undefined
  : K extends "int" | "uint16"
    ? number | undefined
    : K extends "strings"
      ? readonly string[]
      : string | undefined;

export interface QueryOptions {
  /** Status of what cannot be read; default 400. */
  readonly status?: number;
  /** What the message of a refusal begins with, instead of naming the request; empty: nothing. */
  readonly context?: string;
}

/**
 * The parameters that a handler knows, by name; others are ignored. Absent ones are undefined.
 * @throws HttpError with the original's words for a number or a truth value that is none
 */
export function readQuery<const Kinds extends Readonly<Record<string, ParamKind>>>(
  request: Pick<ApiRequest, "query" | "url" | "isLibpod">,
  kinds: Kinds,
  { status = 400, context = `failed to parse parameters for ${request.url}` }: QueryOptions = {},
): { readonly [K in keyof Kinds]: ParamValue<Kinds[K]> } {
  const refuse = (name: string): never => {
    const because = `schema: error converting value for ${JSON.stringify(name)}`;
    throw refusal({ status, context, because });
  };
  const entries = Object.entries(kinds).map(([name, kind]) => [name, readParam(request, { name, kind, refuse })]);
  // One entry per key, of the kind that the key names.
  return Object.fromEntries(entries) as { readonly [K in keyof Kinds]: ParamValue<Kinds[K]> };
}

interface Param {
  readonly name: string;
  readonly kind: ParamKind;
  readonly refuse: (name: string) => never;
}

function readParam({ query, isLibpod }: Pick<ApiRequest, "query" | "isLibpod">, { name, kind, refuse }: Param): unknown {
  const values = valuesOf(query, name);
  if (kind === "strings") return values;
  const text = values.at(-1);
  if (text === undefined) return undefined;
  if (kind === "string") return text;
  if (text === "") return undefined;
  if (kind === "bool") return isLibpod ? (strictBool(text) ?? refuse(name)) : looseBool(text);
  if (kind === "uint16") return /^\d{1,15}$/.test(text) && Number(text) <= 0xffff ? Number(text) : refuse(name);
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : refuse(name);
}

/** Names count in any case: the original's client writes them in lower case. */
function valuesOf(query: URLSearchParams, name: string): string[] {
  const wanted = name.toLowerCase();
  return [...query].filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True", "on"]);
const FALSE = new Set(["0", "f", "F", "false", "FALSE", "False", "off"]);

/** Truth as libpod's parameters spell it; undefined for what is neither. */
function strictBool(text: string): boolean | undefined {
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
}

/** Docker takes everything for true that does not plainly say no. */
function looseBool(text: string): boolean {
  return !["", "0", "no", "false", "none"].includes(text.trim().toLowerCase());
}

/**
 * `filters` of a listing: `{"status":["running"]}`, or Docker's older `{"status":{"running":true}}`.
 * @throws HttpError, 500 unless told otherwise, for what is neither
 */
export function readFilters(
  request: Pick<ApiRequest, "query" | "url">,
  { status = 500, context = `failed to parse parameters for ${request.url}` }: QueryOptions = {},
): Record<string, string[]> {
  const text = request.query.get("filters") ?? request.query.get("Filters");
  if (text === null) return {};
  const refuse = (because: string): never => {
    throw refusal({ status, context, because });
  };
  const parsed = parseJson(text, refuse);
  if (parsed === null) return {};
  if (typeof parsed !== "object" || Array.isArray(parsed))
    return refuse(`json: cannot unmarshal ${jsonKind(parsed)} into Go value of type map[string][]string`);
  const read = Object.entries(parsed).map(([key, value]): [string, string[]] => [key, filterValues(key, value, refuse)]);
  // A filter without values is none.
  return Object.fromEntries(read.filter(([, values]) => values.length > 0));
}

function refusal({ status, context, because }: { status: number; context: string; because: string }): HttpError {
  return new HttpError(status, context === "" ? because : `${context}: ${because}`, { because });
}

function filterValues(key: string, value: unknown, refuse: (because: string) => never): string[] {
  if (value === null) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  if (typeof value === "object" && !Array.isArray(value)) {
    const chosen: ReadonlyArray<readonly [string, unknown]> = Object.entries(value);
    return chosen.filter(([, wanted]) => wanted === true).map(([name]) => name);
  }
  return refuse(`json: cannot unmarshal ${jsonKind(value)} into Go struct field .${key} of type []string`);
}

function parseJson(text: string, refuse: (because: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(text.trim() === "" ? "unexpected end of JSON input" : jsonProblem(text));
  }
}

function jsonKind(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
}
