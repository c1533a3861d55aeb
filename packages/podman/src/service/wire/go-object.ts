import { ToolError } from "@containers/common/errors/tool-error";

/**
 * Reads JSON bodies the way the original's decoder does: keys match in any case, unknown keys are passed over, `null` is the same as
 * absent, and a value of the wrong type is refused by name.
 */
export type Reader<T> = (value: unknown, path: string) => T;

/** What a {@link struct} gives: every key may be absent. */
export type Fields<Shape> = { readonly [Key in keyof Shape]?: Shape[Key] extends Reader<infer T> ? T : never };

export const text: Reader<string> = (value, path) => (typeof value === "string" ? value : refuse(value, path, "string"));

export const flag: Reader<boolean> = (value, path) => (typeof value === "boolean" ? value : refuse(value, path, "bool"));

export const number: Reader<number> = (value, path) => (typeof value === "number" ? value : refuse(value, path, "float64"));

export const whole: Reader<number> = (value, path) =>
  typeof value === "number" && Number.isInteger(value) ? value : refuse(value, path, "int64");

export const natural: Reader<number> = (value, path) =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : refuse(value, path, "uint");

export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) => (Array.isArray(value) ? value.map((one, at) => item(one, `${path}.${at}`)) : refuse(value, path, "[]string"));
}

export function dictionary<T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, item(one ?? undefined, path)]))
      : refuse(value, path, "map[string]string");
}

/** An object with the keys of `shape`; `name` as Go writes the type, with its package. Of several spellings of one key the last wins. */
export function struct<const Shape extends Readonly<Record<string, Reader<unknown>>>>(name: string, shape: Shape): Reader<Fields<Shape>> {
  const known = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]));
  return (value, path) => {
    if (!isRecord(value)) return refuse(value, path, name);
    const found: Record<string, unknown> = {};
    for (const [written, one] of Object.entries(value)) {
      const key = known.get(written.toLowerCase());
      const read = key === undefined ? undefined : shape[key];
      if (key !== undefined && read !== undefined && one !== null)
        found[key] = read(one, `${path === "" ? name.slice(name.indexOf(".") + 1) : path}.${written}`);
    }
    return found as Fields<Shape>;
  };
}

/**
 * Decodes a body.
 * @throws ToolError invalid-argument, as the original words it
 */
export function decode<T>(read: Reader<T>, body: string | Uint8Array): T {
  const source = typeof body === "string" ? body : new TextDecoder().decode(body);
  if (source.trim() === "") throw new ToolError("invalid-argument", "EOF", { code: "decode" });
  return read(parse(source), "");
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    throw unparsable(source);
  }
}

/** The original tells a text that ends too early from one with a wrong character. */
function unparsable(source: string): ToolError {
  return new ToolError("invalid-argument", jsonProblem(source), { code: "decode" });
}

/** What is wrong with a text that is no JSON: it ends too early, or has a wrong character. */
export function jsonProblem(source: string): string {
  const rest = source.trimStart();
  const wrong = /^\{\s*([^\s"}])/.exec(rest)?.[1];
  if (wrong !== undefined) return `invalid character '${wrong}' looking for beginning of object key string`;
  if (!/^[[{"\d-]/.test(rest)) return `invalid character '${rest[0] ?? ""}' looking for beginning of value`;
  return /[\]}"]\s*$/.test(source) && balanced(source) ? "invalid character in JSON text" : "unexpected EOF";
}

function balanced(source: string): boolean {
  const outside = source.replace(/"(?:[^"\\]|\\.)*"/g, "");
  return outside.split(/[[{]/).length === outside.split(/[\]}]/).length;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(value: unknown, path: string, wanted: string): never {
  throw new ToolError("invalid-argument", mismatch(value, path, wanted), { code: "decode" });
}

/** What Go's decoder says of a value that does not fit where it stands: `path` is the type's name and the keys down to it, `wanted` Go's type. */
export function mismatch(value: unknown, path: string, wanted: string): string {
  const kind = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  // A number of the wrong range is named, one in the place of something else is not.
  const found = kind === "number" && /^u?int/.test(wanted) ? `number ${String(value)}` : kind;
  const where = path === "" ? "Go value" : /\.\d+$/.test(path) ? path : `Go struct field ${path}`;
  return `json: cannot unmarshal ${found} into ${where} of type ${wanted}`;
}
