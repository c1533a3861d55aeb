/**
 * The candidates that a mistyped word may have meant: those within two edits and those that it is a prefix of, as
 * cobra has it, in the order given.
 */
export function suggest(word: string, candidates: Iterable<string>): string[] {
  const typed = word.toLowerCase();
  const found: string[] = [];
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    if (name.startsWith(typed) || editDistance(typed, name) <= 2) found.push(candidate);
  }
  return found;
}

/** The one nearest candidate, at most a third of the word away; undefined when nothing is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Edits from one word to the other: letters put in, left out, replaced, or swapped with their neighbour (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const replace = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      const swapped = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1];
      const swap = line > 1 && column > 1 && swapped ? (before[column - 2] ?? 0) + 1 : replace;
      next.push(Math.min(replace, swap, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
