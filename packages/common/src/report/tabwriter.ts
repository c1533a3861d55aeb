export interface TabOptions {
  /** Smallest cell width, padding included. */
  readonly minWidth?: number;
  readonly padding?: number;
}

/**
 * Aligns tab-terminated cells as Go's text/tabwriter does: a column is a run of neighbouring lines that have a terminated
 * cell in that place, and each run gets its own width. What follows a line's last tab is not part of any column.
 */
export function alignTabs(text: string, { minWidth = 12, padding = 2 }: TabOptions = {}): string {
  if (!text.includes("\t")) return text;
  const lines = text.split("\n").map((line) => line.split("\t"));
  const widths: number[][] = lines.map(() => []);
  assignWidths(lines, { from: 0, to: lines.length, column: 0 }, (line, column, width) => {
    const row = widths[line];
    if (row !== undefined) row[column] = Math.max(minWidth, width + padding);
  });
  return lines.map((cells, line) => joinCells(cells, widths[line] ?? [])).join("\n");
}

interface Block {
  readonly from: number;
  readonly to: number;
  readonly column: number;
}

function assignWidths(lines: readonly string[][], block: Block, assign: (line: number, column: number, width: number) => void): void {
  const { to, column } = block;
  const terminated = (line: number) => column < (lines[line]?.length ?? 0) - 1;
  for (let line = block.from; line < to; line++) {
    if (!terminated(line)) continue;
    let end = line;
    let width = 0;
    while (end < to && terminated(end)) {
      width = Math.max(width, textWidth(lines[end]?.[column] ?? ""));
      end++;
    }
    for (let at = line; at < end; at++) assign(at, column, width);
    assignWidths(lines, { from: line, to: end, column: column + 1 }, assign);
    line = end - 1;
  }
}

function joinCells(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => (column === cells.length - 1 ? cell : cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - textWidth(cell)))))
    .join("");
}

/** In code points: what Go counts. */
function textWidth(text: string): number {
  let width = 0;
  for (const _ of text) width++;
  return width;
}
