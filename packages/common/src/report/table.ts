import { alignTabs, type TabOptions } from "./tabwriter.ts";

/** Headers and rows as an aligned table, each line ended; undefined headers leave the heading out. */
export function renderTable(headers: readonly string[] | undefined, rows: ReadonlyArray<readonly string[]>, options?: TabOptions): string {
  const all = headers === undefined ? rows : [headers, ...rows];
  if (all.length === 0) return "";
  return `${alignTabs(all.map((cells) => cells.join("\t")).join("\n"), options)}\n`;
}
