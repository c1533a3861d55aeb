export interface JsonOptions {
  /** Spaces per level; 0 prints one line. Default 4. */
  readonly indent?: number;
  /** Writes `<`, `>` and `&` as escapes, as Go's encoder does unless told otherwise. Default false. */
  readonly escapeHtml?: boolean;
}

const unsafeInHtml: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** JSON as Go prints it: keys in the order given, Maps as objects with sorted keys, line separators always escaped. */
export function toJson(value: unknown, { indent = 4, escapeHtml = false }: JsonOptions = {}): string {
  const text = JSON.stringify(value, replaceMaps, indent) ?? "null";
  return text.replace(escapeHtml ? /[<>&\u2028\u2029]/g : /[\u2028\u2029]/g, (character) => unsafeInHtml[character] ?? character);
}

function replaceMaps(_: string, value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)));
}
