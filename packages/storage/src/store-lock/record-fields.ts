import type { IdMapping } from "../store.ts";
import type { RawRecord } from "./record-table.ts";

/** Readers of a raw record's fields: what is missing, empty or of another type is undefined. */
export function textField(raw: RawRecord, key: string): string | undefined {
  const value = raw[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberField(raw: RawRecord, key: string): number | undefined {
  const value = raw[key];
  return typeof value === "number" ? value : undefined;
}

export function textList(raw: RawRecord, key: string): readonly string[] {
  const value = raw[key];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

export function textMap(raw: RawRecord, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(objectField(raw, key)).filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}

export function numberMap(raw: RawRecord, key: string): Record<string, number> {
  return Object.fromEntries(Object.entries(objectField(raw, key)).filter((pair): pair is [string, number] => typeof pair[1] === "number"));
}

export function objectField(raw: RawRecord, key: string): Record<string, unknown> {
  const value = raw[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** `uidmap` and `gidmap`; undefined when there is no range. */
export function idMapField(raw: RawRecord, key: string): readonly IdMapping[] | undefined {
  const value = raw[key];
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map((range: Record<string, unknown>) => ({
    containerId: Number(range.container_id ?? 0),
    hostId: Number(range.host_id ?? 0),
    size: Number(range.size ?? 0),
  }));
}

export function rawIdMap(ranges: readonly IdMapping[]): unknown[] {
  return ranges.map((range) => ({ container_id: range.containerId, host_id: range.hostId, size: range.size }));
}

/** Sets a field, or takes it away when there is nothing to say, as Go's omitempty does. */
export function setField(raw: RawRecord, key: string, value: unknown): void {
  const empty =
    value === undefined ||
    value === "" ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0) ||
    (isPlainObject(value) && Object.keys(value).length === 0);
  if (empty) delete raw[key];
  else raw[key] = value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
