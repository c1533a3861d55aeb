/**
 * Shell patterns as image filters have them: `*` and `?` stop at slashes, `[a-z]`, `[^a]`, and `\` takes the next character as it
 * is. The whole text must match; a malformed pattern matches nothing.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = patternSource(pattern);
  return source !== undefined && new RegExp(`^${source}$`, "su").test(text);
}

function patternSource(pattern: string): string | undefined {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "\\") {
      at++;
      if (at === pattern.length) return undefined;
      source += quoted(pattern.charAt(at));
    } else if (character === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end === -1) return undefined;
      const inside = pattern.slice(at + 1, end);
      const negated = inside.startsWith("^");
      source += `[${negated ? "^" : ""}${(negated ? inside.slice(1) : inside).replace(/[\\[\]^&~|]/g, "\\$&")}]`;
      at = end;
    } else source += quoted(character);
  }
  return source;
}

function quoted(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
