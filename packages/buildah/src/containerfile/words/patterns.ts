import { matchGlob } from "@containers/common/fs/glob";

/** `${NAME#pattern}` and `${NAME%pattern}`, shortest match, or longest when greedy. */
export function stripPattern(value: string, pattern: string, options: { readonly fromStart: boolean; readonly greedy: boolean }): string {
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  if (options.greedy) lengths.reverse();
  for (const length of lengths) {
    const part = options.fromStart ? value.slice(0, length) : value.slice(value.length - length);
    if (matchGlob(pattern, part) !== true) continue;
    return options.fromStart ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

export interface Substitution {
  readonly replacement: string;
  readonly all: boolean;
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/** `${NAME/pattern/replacement}` and its `//`, `/#` and `/%` kinds; the longest match at each place. */
export function substitutePattern(value: string, pattern: string, substitution: Substitution): string {
  let result = "";
  for (let start = 0; start < value.length; ) {
    const end = substitution.atStart && start > 0 ? undefined : longestMatch(value, pattern, { start, toEnd: substitution.atEnd });
    if (end === undefined) {
      result += value.charAt(start++);
      continue;
    }
    result += substitution.replacement;
    if (!substitution.all) return result + value.slice(end);
    start = end;
  }
  return result;
}

function longestMatch(value: string, pattern: string, at: { readonly start: number; readonly toEnd: boolean }): number | undefined {
  for (let end = value.length; end > at.start; end--) {
    if (at.toEnd && end !== value.length) return undefined;
    if (matchGlob(pattern, value.slice(at.start, end)) === true) return end;
  }
  return undefined;
}
