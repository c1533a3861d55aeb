/** Compact JSON as Go's encoder writes it, so that equal values have equal digests: `<`, `>`, `&` and two separators escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The entries with keys in byte order, as Go prints maps. */
export function sortedRecord<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  return Object.fromEntries([...entries].sort(([a], [b]) => compareBytes(a, b)));
}

/** A list of names as an object with empty values: how configs keep sets. */
export function nameSet(names: readonly string[]): Record<string, Record<string, never>> {
  return sortedRecord(names.map((name) => [name, {}] as const));
}

/** The fields whose value is not empty, as Go's `omitempty` leaves them out. */
export function omitEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
