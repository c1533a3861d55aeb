import { ToolError } from "../errors/tool-error.ts";
import type { ConfType } from "./containers-conf-keys.ts";

/** A list as a file has it: `["a", {append = true}]` adds to what earlier files said, and so do later files' lists. */
export interface AppendedList {
  readonly items: readonly string[];
  /** Undefined: as the files before said. */
  readonly append: boolean | undefined;
}

/**
 * Checks that a TOML value has the type of its key. Lists come back as {@link AppendedList}.
 * @throws ToolError invalid-argument that begins with `place`
 */
export function readConfValue(type: ConfType, value: unknown, place: string): unknown {
  const refuse = (wanted: string): never => {
    throw new ToolError("invalid-argument", `${place} must be ${wanted}, not ${describe(value)}`);
  };
  switch (type) {
    case "string":
      return typeof value === "string" ? value : refuse("a string");
    case "size":
      return typeof value === "string" ? value : Number.isInteger(value) ? String(value) : refuse("a size");
    case "boolean":
      return typeof value === "boolean" ? value : refuse("true or false");
    case "integer":
    case "optionalInteger":
      return Number.isInteger(value) ? value : refuse("a whole number");
    case "strings":
      return readList(value) ?? refuse("a list of strings");
    case "stringTable":
      return isTable(value) && Object.values(value).every((item) => typeof item === "string") ? value : refuse("a table of strings");
    case "stringLists":
      return isTable(value) ? readLists(value, place) : refuse("a table of lists of strings");
    case "tables":
      return isTable(value) && Object.values(value).every(isTable) ? value : refuse("a table of tables");
    case "subnetPools":
      return Array.isArray(value) && value.every(isPool) ? value : refuse("a list of { base, size }");
  }
}

function readLists(table: Readonly<Record<string, unknown>>, place: string): Record<string, readonly string[]> {
  const lists: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(table)) {
    const list = readList(value);
    if (list === undefined) throw new ToolError("invalid-argument", `${place}.${name} must be a list of strings, not ${describe(value)}`);
    lists[name] = list.items;
  }
  return lists;
}

function readList(value: unknown): AppendedList | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: string[] = [];
  let append: boolean | undefined;
  for (const item of value as unknown[]) {
    if (typeof item === "string") items.push(item);
    else if (isTable(item) && typeof item.append === "boolean") append = item.append;
    else return undefined;
  }
  return { items, append };
}

function isPool(value: unknown): boolean {
  return isTable(value) && typeof value.base === "string" && Number.isInteger(value.size);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  return Array.isArray(value) ? "a list" : isTable(value) ? "a table" : JSON.stringify(value);
}
