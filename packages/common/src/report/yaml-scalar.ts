/** A text as Go's YAML printer writes it: plain where a reader takes it for text, else quoted; long ones are broken at spaces. */
export function yamlScalar(text: string, indent: number, column: number): string {
  if (text.includes("\n") && fitsBlock(text)) return block(text, indent);
  if (SPECIAL.test(text)) return doubleQuoted(text, indent, column);
  if (text.includes("\n") || !readsAsText(text)) return doubleQuoted(text, indent, column);
  if (canBePlain(text)) return fold(text, { indent, column, skipEnds: false });
  return `'${fold(text.replaceAll("'", "''"), { indent, column: column + 1, skipEnds: true })}'`;
}

/** A line is broken at the first space beyond this column. */
const WIDTH = 80;

/** Characters that only a double-quoted text can hold: controls, and those beyond the basic plane. */
const SPECIAL = /[\x00-\x09\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|[\u{10000}-\u{10ffff}]/u;

const WORDS = /^(y|yes|on|n|no|off|true|false|null)$/i;
/** Spellings of the words above that count: `yEs` is text. */
const CASED = /^([a-z]+|[A-Z][a-z]*|[A-Z]+)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[0-9]+)$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const NOT_A_NUMBER = /^(\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF))$/;
const TIME = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?([Zz]|[-+]\d\d:\d\d)?)?$/;

/** False for what a reader would take for a number, a truth value, a time or nothing. */
function readsAsText(text: string): boolean {
  if (text === "" || text === "~" || NOT_A_NUMBER.test(text)) return false;
  if (WORDS.test(text) && CASED.test(text)) return false;
  if (/^[-+.\d]/.test(text)) {
    const bare = text.replaceAll("_", "");
    if (/^[-+\d]/.test(text) && (INTEGER.test(bare) || FLOAT.test(bare))) return false;
    if (FLOAT.test(text) || SEXAGESIMAL.test(text) || TIME.test(text)) return false;
  }
  return true;
}

function canBePlain(text: string): boolean {
  return !(
    /^[#,[\]{}&*!|>'"%@`\s]/.test(text) ||
    /\s$/.test(text) ||
    /^[-?:](\s|$)/.test(text) ||
    /^(---|\.\.\.)/.test(text) ||
    /:(\s|$)|\s#/.test(text)
  );
}

function fitsBlock(text: string): boolean {
  return !SPECIAL.test(text.replaceAll("\n", "")) && !text.endsWith(" ");
}

function block(text: string, indent: number): string {
  const hint = /^[\s]/.test(text) ? "2" : "";
  const chomping = text.endsWith("\n") ? (text.endsWith("\n\n") || text === "\n" ? "+" : "") : "-";
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  const lines = body.split("\n").map((line) => (line === "" ? "" : `${" ".repeat(indent)}${line}`));
  return [`|${hint}${chomping}`, ...lines].join("\n");
}

interface Folding {
  readonly indent: number;
  readonly column: number;
  /** Never at the first or last character. */
  readonly skipEnds: boolean;
}

/** Breaks before the word after the first single space beyond the width. */
function fold(text: string, { indent, column, skipEnds }: Folding): string {
  const characters = [...text];
  const pieces: string[] = [];
  let at = column;
  let afterSpace = false;
  for (const [index, character] of characters.entries()) {
    const isEnd = skipEnds && (index === 0 || index === characters.length - 1);
    const isBreak = character === " " && !afterSpace && at > WIDTH && !isEnd && characters[index + 1] !== " ";
    pieces.push(isBreak ? `\n${" ".repeat(indent)}` : character);
    at = isBreak ? indent : at + 1;
    afterSpace = character === " ";
  }
  return pieces.join("");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function doubleQuoted(text: string, indent: number, column: number): string {
  const characters = [...text];
  let line = "";
  let at = column + 1;
  let afterSpace = false;
  for (const [index, character] of characters.entries()) {
    const isInside = index > 0 && index < characters.length - 1;
    if (character === " " && !afterSpace && at > WIDTH && isInside) {
      line += `\n${" ".repeat(indent)}${characters[index + 1] === " " ? "\\" : ""}`;
      at = indent;
    } else {
      const written = escaped(character);
      line += written;
      at += written.length;
    }
    afterSpace = character === " ";
  }
  return `"${line}"`;
}

function escaped(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  if (!SPECIAL.test(character)) return character;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}
