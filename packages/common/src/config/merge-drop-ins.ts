import { existsSync, readdirSync } from "node:fs";
import type { ConfType } from "./containers-conf-keys.ts";
import type { AppendedList } from "./read-conf-value.ts";

export type TomlTable = Readonly<Record<string, unknown>>;

/** The `*.conf` files of a drop-in directory in the order of their names; none when the directory is missing. */
export function listDropIns(directory: string): string[] {
  // Mostly it is missing, and an error costs ten times as much as asking.
  if (!existsSync(directory)) return [];
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".conf"))
      .sort()
      .map((name) => `${directory}/${name}`);
  } catch {
    return [];
  }
}

/** A later file's value over an earlier one's: tables gain keys, a list that says `{append = true}` grows (where it `grows` by itself, unless it says `false`), the rest is replaced. */
export function mergeTables(before: unknown, value: unknown, { type, grows }: { type: ConfType; grows: boolean }): unknown {
  if (type === "strings") {
    const { items, append = grows } = value as AppendedList;
    return append ? [...((before as readonly string[] | undefined) ?? []), ...items] : items;
  }
  if (type === "stringTable" || type === "stringLists" || type === "tables") return { ...(before as object), ...(value as object) };
  return value;
}
