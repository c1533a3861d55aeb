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

/** Levenshtein distance. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const replace = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
