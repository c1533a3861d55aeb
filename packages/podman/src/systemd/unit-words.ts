/** How words of a value are told apart: `command` as in ExecStart=, with C escapes; `list` as in After=, where a backslash is itself. */
export type WordSyntax = "command" | "list";

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
  s: " ",
};

/**
 * Splits a value at white space; quotes keep words together (systemd.syntax(7), "Quoting"). `broken` says what is wrong with it: then `words` has those
 * before. A command may leave its last quote open.
 */
export function splitWords(text: string, syntax: WordSyntax): { readonly words: readonly string[]; readonly broken?: string } {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === "\\" && syntax === "command") {
      const escaped = readEscape(text, at + 1);
      if (at + 1 === text.length) break;
      if (escaped === undefined) return { words, broken: "unsupported escape char" };
      word = (word ?? "") + escaped.char;
      at += escaped.length;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/[ \t\n\r]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== "" && syntax === "list") return { words, broken: "unbalanced quotes" };
  if (word !== undefined) words.push(word);
  return { words };
}

function readEscape(text: string, at: number): { readonly char: string; readonly length: number } | undefined {
  const simple = SIMPLE_ESCAPES[text[at] ?? ""];
  if (simple !== undefined) return { char: simple, length: 1 };
  const [whole, hex2, hex4, hex8, octal] =
    /^(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{3}))/.exec(text.slice(at, at + 9)) ?? [];
  if (whole === undefined) return undefined;
  const code = octal === undefined ? Number.parseInt(hex2 ?? hex4 ?? hex8 ?? "", 16) : Number.parseInt(octal, 8);
  if (code === 0 || code > 0x10ffff || (octal !== undefined && code > 255)) return undefined;
  return { char: String.fromCodePoint(code), length: whole.length };
}

const PRINTED_ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\f": "\\f",
  "\\": "\\\\",
  " ": "\\x20",
  '"': '\\"',
  "'": "'",
};

/** One word of a command line as systemd reads it: quoted where it must be. */
export function quoteWord(word: string): string {
  if (![...word].some(needsQuotes)) return word;
  return `"${[...word].map((char) => (needsQuotes(char) ? (PRINTED_ESCAPES[char] ?? hexEscape(char)) : char)).join("")}"`;
}

/** A command line as systemd reads it. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

function needsQuotes(char: string): boolean {
  const code = char.charCodeAt(0);
  return code <= 32 || code === 127 || code === 128 || char === '"' || char === "'" || char === "\\";
}

function hexEscape(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
