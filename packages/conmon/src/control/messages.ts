/** What a client wrote to `ctl`. */
export type ControlMessage =
  | { readonly kind: "resize"; readonly rows: number; readonly columns: number }
  | { readonly kind: "reopen-logs" }
  | { readonly kind: "reload-periodic" };

const LARGEST_SIDE = 65535;

/** `TYPE A B`: 1 is a resize to A rows and B columns, 2 means to reopen the logs, 3 to look at the periodic command anew. Undefined for anything else. */
export function parseControlLine(line: string): ControlMessage | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line);
  if (match === null) return undefined;
  const [, type, first, second] = match;
  if (type === "2") return { kind: "reopen-logs" };
  if (type === "3") return { kind: "reload-periodic" };
  const size = parseWindowSize(`${first} ${second}`);
  return type === "1" && size !== undefined ? { kind: "resize", ...size } : undefined;
}

/** `ROWS COLUMNS`, the line of the `winsz` fifo. */
export function parseWindowSize(line: string): { readonly rows: number; readonly columns: number } | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s*$/.exec(line);
  if (match === null) return undefined;
  const [rows, columns] = [Number(match[1]), Number(match[2])];
  return rows <= LARGEST_SIDE && columns <= LARGEST_SIDE ? { rows, columns } : undefined;
}
