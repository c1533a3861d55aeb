/**
 * Splits at white space outside quotes. Quotes and escapes stay in the words: they are removed when variables
 * are expanded.
 */
export function splitQuotedWords(text: string, escapeToken: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text.charAt(at))) {
      at++;
      continue;
    }
    const word = readQuotedWord(text, at, escapeToken);
    if (word.text !== "") words.push(word.text);
    at = word.end;
  }
  return words;
}

function readQuotedWord(text: string, start: number, escapeToken: string): { text: string; end: number } {
  let word = "";
  let quote = "";
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === "" && isSpace(char)) break;
    if (char === escapeToken && quote !== "'") {
      if (at + 1 === text.length) continue;
      word += char + text.charAt(++at);
      continue;
    }
    if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = "";
    word += char;
  }
  return { text: word, end: at };
}

/** The leading `--flag` words of an instruction's arguments, unquoted, and what follows them. A bare `--` ends the flags. */
export function takeFlags(text: string): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text.charAt(at))) at++;
    if (at >= text.length) return { flags, rest: "" };
    if (!text.startsWith("--", at)) return { flags, rest: text.slice(at) };
    const flag = readFlag(text, at);
    at = flag.end;
    if (flag.text === "--") return { flags, rest: text.slice(at) };
    flags.push(flag.text);
  }
}

function readFlag(text: string, start: number): { text: string; end: number } {
  let word = "";
  let quote = "";
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === "" && isSpace(char)) break;
    if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (quote !== "" && char === quote) quote = "";
    else if (char === "\\") word += at + 1 === text.length ? "" : text.charAt(++at);
    else word += char;
  }
  return { text: word, end: at };
}

/** White space as Go's unicode.IsSpace has it, for the characters that occur. */
export function isSpace(char: string): boolean {
  return /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(char);
}
