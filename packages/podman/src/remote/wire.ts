/**
 * Reading what a service answered: each function gives the value of the right type, or what its absence means. A service of another version
 * may leave things out, and so nothing here throws.
 */
export type Wire = Readonly<Record<string, unknown>>;

export function record(value: unknown): Wire {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Wire) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function records(value: unknown): readonly Wire[] {
  return list(value).map(record);
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

export function texts(value: unknown): readonly string[] {
  return list(value).filter((one) => typeof one === "string");
}

export function textMap(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, one]) => [key, text(one)]));
}
