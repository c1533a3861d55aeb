/**
 * Go's filepath.Match: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` are classes, `\` escapes. Undefined when the
 * pattern is malformed.
 */
export function matchGlob(pattern: string, name: string): boolean | undefined {
  const source = globToRegExp(pattern);
  return source === undefined ? undefined : new RegExp(`^${source}$`, "su").test(name);
}

/** Whether the text means more than itself. */
export function hasWildcards(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

function globToRegExp(pattern: string): string | undefined {
  let source = "";
  const chars = [...pattern];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const group = readClass(chars, at);
      if (group === undefined) return undefined;
      source += group.source;
      at = group.end;
    } else if (char === "\\") {
      const escaped = chars[++at];
      if (escaped === undefined) return undefined;
      source += quoteChar(escaped);
    } else source += quoteChar(char);
  }
  return source;
}

function readClass(chars: readonly string[], start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const negated = chars[at] === "^";
  if (negated) at++;
  let body = "";
  for (let ranges = 0; ; ranges++) {
    if (chars[at] === "]" && ranges > 0) break;
    const low = readClassChar(chars, at);
    if (low === undefined) return undefined;
    at = low.next;
    if (chars[at] !== "-") {
      body += quoteChar(low.char);
      continue;
    }
    const high = readClassChar(chars, at + 1);
    if (high === undefined) return undefined;
    at = high.next;
    if (low.char <= high.char) body += `${quoteChar(low.char)}-${quoteChar(high.char)}`;
  }
  if (body === "") return { source: negated ? "." : "(?!)", end: at };
  return { source: negated ? `[^${body}]` : `[${body}]`, end: at };
}

function readClassChar(chars: readonly string[], at: number): { char: string; next: number } | undefined {
  const char = chars[at];
  if (char === undefined || char === "-" || char === "]") return undefined;
  if (char !== "\\") return { char, next: at + 1 };
  const escaped = chars[at + 1];
  return escaped === undefined ? undefined : { char: escaped, next: at + 2 };
}

/** For use in and out of character classes under the `u` flag. */
function quoteChar(char: string): string {
  return /^[\w\s\u0080-\u{10ffff}]$/u.test(char) ? char : `\\u{${char.codePointAt(0)?.toString(16) ?? "0"}}`;
}
