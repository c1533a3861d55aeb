import { GoTime } from "./go-time.ts";

/** A value as Go's `%v` prints it: `[a b]`, `map[k:v]`, `{v w}`, `<nil>`. */
export function formatValue(value: unknown): string {
  if (value === undefined) return "<no value>";
  return formatNested(value);
}

function formatNested(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map(formatNested).join(" ")}]`;
  if (value instanceof Map)
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${formatNested(key)}:${formatNested(item)}`)
      .join(" ")}]`;
  if (value instanceof Date) return formatTime(value);
  if (typeof value === "object") {
    // A value with a text of its own: Go's Stringer.
    if (value.toString !== Object.prototype.toString) return String(value);
    // Fields that JSON leaves out are not enumerable, and Go prints them here.
    const fields = Object.getOwnPropertyNames(value).map((name) => (value as Readonly<Record<string, unknown>>)[name]);
    return `{${fields
      .filter((item) => typeof item !== "function")
      .map(formatNested)
      .join(" ")}}`;
  }
  return String(value);
}

function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

/** A Map's entries in the order in which Go ranges over a map. */
export function sortedEntries(map: ReadonlyMap<unknown, unknown>): Array<[unknown, unknown]> {
  return [...map].sort(([one], [other]) => {
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one) < String(other) ? -1 : 1;
  });
}

/** Go's default form of a time, in UTC: `2026-11-21 04:46:52.123 +0000 UTC`. */
export function formatTime(time: Date): string {
  return (time instanceof GoTime ? time : new GoTime(time.toISOString())).toString();
}

/** What `if` and `with` take for true: anything but zero, empty and nil. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}
