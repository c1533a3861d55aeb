import { toJson } from "../json.ts";
import { formatValue, isTrue } from "./go-value.ts";
import { sprintf } from "./printf.ts";

export type TemplateFunction = (...args: readonly unknown[]) => unknown;

/** Go's built-in template functions and those that podman's formats add. `and` and `or` are the evaluator's: they stop early. */
export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  not: (value) => !isTrue(value),
  eq: (first, ...others) => {
    if (others.length === 0) throw new Error("missing argument for comparison");
    return others.some((other) => isEqual(first, other));
  },
  ne: (one, other) => !isEqual(one, other),
  lt: (one, other) => order(one, other) < 0,
  le: (one, other) => order(one, other) <= 0,
  gt: (one, other) => order(one, other) > 0,
  ge: (one, other) => order(one, other) >= 0,
  len: lengthOf,
  index: (container, ...keys) => keys.reduce(indexOne, container),
  slice: (value, from = 0, to = undefined) => (value as string | unknown[]).slice(Number(from), to === undefined ? undefined : Number(to)),
  print: (...args) => printArguments(args),
  println: (...args) => `${args.map(formatValue).join(" ")}\n`,
  printf: (format, ...args) => sprintf(String(format), ...args),
  html: (...args) => printArguments(args).replace(/[<>&'"\0]/g, (character) => htmlEscapes[character] ?? character),
  js: (...args) => JSON.stringify(printArguments(args)).slice(1, -1).replaceAll("'", "\\'"),
  urlquery: (...args) => encodeURIComponent(printArguments(args)).replaceAll("%20", "+"),
  call: (callee, ...args) => (callee as TemplateFunction)(...args),
  join: (list, separator) => ((list ?? []) as readonly unknown[]).map(String).join(String(separator)),
  json: (value) => toJson(value ?? null, { indent: 0 }),
  lower: (text) => String(text).toLowerCase(),
  upper: (text) => String(text).toUpperCase(),
  title: (text) =>
    String(text).replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  split: (text, separator) => String(text).split(String(separator)),
  pad: (text, before, after) => (text === "" ? "" : " ".repeat(Number(before)) + String(text) + " ".repeat(Number(after))),
  truncate: (text, length) => Buffer.from(String(text)).subarray(0, Number(length)).toString(),
};

const htmlEscapes: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  "'": "&#39;",
  '"': "&#34;",
  "\0": "\uFFFD",
};

/** Go's fmt.Sprint: a space between two neighbours when neither is a string. */
function printArguments(args: readonly unknown[]): string {
  return args
    .map((item, at) => (at > 0 && typeof item !== "string" && typeof args[at - 1] !== "string" ? " " : "") + formatValue(item))
    .join("");
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one !== null && other !== null && typeof one !== typeof other && one !== undefined && other !== undefined) {
    throw new Error("incompatible types for comparison");
  }
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime();
  return (one ?? null) === (other ?? null);
}

function order(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "string" && typeof other === "string") return one < other ? -1 : one > other ? 1 : 0;
  throw new Error(typeof one === typeof other ? "invalid type for comparison" : "incompatible types for comparison");
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  // A list or a map that nobody has put anything into.
  if (value === null) return 0;
  if (value === undefined) throw new Error("len of nil pointer");
  if (typeof value === "object") return Object.keys(value).length;
  throw new Error(`len of type ${typeof value}`);
}

function indexOne(container: unknown, key: unknown): unknown {
  if (container === null || container === undefined) throw new Error("index of untyped nil");
  if (container instanceof Map) return container.get(key) ?? (hasStringValues(container) ? "" : null);
  if (Array.isArray(container) || typeof container === "string") {
    const at = Number(key);
    if (!Number.isInteger(at) || typeof key !== "number") throw new Error(`cannot index slice/array with type ${typeof key}`);
    if (at < 0 || at >= container.length) throw new Error(`index out of range: ${at}`);
    return container[at];
  }
  if (typeof container === "object") return (container as Record<string, unknown>)[String(key)] ?? "";
  throw new Error(`can't index item of type ${typeof container}`);
}

function hasStringValues(map: ReadonlyMap<unknown, unknown>): boolean {
  for (const value of map.values()) return typeof value === "string";
  return true;
}
