export interface Token {
  readonly kind: "text" | "open" | "close" | "word" | "field" | "variable" | "string" | "number" | "char" | "symbol" | "space" | "end";
  /** The token's text; of strings the value, of fields and variables the name with its `.` or `$`. */
  readonly text: string;
  /** `LINE:COLUMN` for messages: lines from 1, columns from 0 in bytes, as Go counts. */
  readonly place: string;
}

/** A template that cannot be read or carried out; the message names the template and line as Go does. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

const actionToken = new RegExp(
  [
    String.raw`(?<space>[ \t\r\n]+)`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"|` + "`[^`]*`)",
    String.raw`(?<char>'(?:[^'\\]|\\.)+')`,
    String.raw`(?<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+))`,
    String.raw`(?<field>\.[\p{L}_][\p{L}\p{N}_]*)`,
    String.raw`(?<variable>\$[\p{L}\p{N}_]*)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_]*)`,
    "(?<symbol>:=|[=|(),.])",
  ].join("|"),
  "uy",
);

/**
 * Splits a Go template into text and the tokens of its actions; trim markers are applied and comments dropped here.
 * @throws TemplateError
 */
export function tokenize(source: string, name: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let trimNext = false;
  const fail = (message: string): never => {
    throw new TemplateError(`template: ${name}:${line}: ${message}`);
  };
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    const end = open === -1 ? source.length : open;
    const trimBefore = open !== -1 && /^-\s/.test(source.slice(open + 2, open + 4));
    const raw = source.slice(at, end);
    let text = trimNext ? raw.trimStart() : raw;
    if (trimBefore) text = text.trimEnd();
    if (text !== "") tokens.push({ kind: "text", text, place: placeOf(source, at) });
    line += countLines(raw);
    if (open === -1) break;
    const action = readAction(source, open + 2 + (trimBefore ? 2 : 0), { tokens, fail });
    line += countLines(source.slice(open, action.next));
    at = action.next;
    trimNext = action.trim;
  }
  tokens.push({ kind: "end", text: "", place: String(line) });
  return tokens;
}

interface ActionReader {
  readonly tokens: Token[];
  fail(message: string): never;
}

function readAction(source: string, start: number, { tokens, fail }: ActionReader): { next: number; trim: boolean } {
  const comment = /^\s*\/\*[\s\S]*?\*\/(\s+-)?\}\}/.exec(source.slice(start));
  if (comment !== null) return { next: start + comment[0].length, trim: comment[1] !== undefined };
  tokens.push({ kind: "open", text: "{{", place: placeOf(source, start) });
  let at = start;
  for (;;) {
    const rest = /^(\s-)?\}\}/.exec(source.slice(at, at + 4));
    if (rest !== null) {
      tokens.push({ kind: "close", text: "}}", place: placeOf(source, at) });
      return { next: at + rest[0].length, trim: rest[1] !== undefined };
    }
    if (at >= source.length) fail("unclosed action");
    actionToken.lastIndex = at;
    const groups = actionToken.exec(source)?.groups;
    if (groups === undefined) return fail(unreadable(source, at));
    const [kind, text] = Object.entries(groups).find(([, value]) => value !== undefined) ?? fail(unreadable(source, at));
    tokens.push({ kind: kind as Token["kind"], text: text ?? "", place: placeOf(source, at) });
    at = actionToken.lastIndex;
  }
}

function unreadable(source: string, at: number): string {
  const character = source.slice(at, at + 1);
  if (character === '"') return "unterminated quoted string";
  if (character === "`") return "unterminated raw quoted string";
  return `unexpected ${JSON.stringify(character)} in command`;
}

function placeOf(source: string, at: number): string {
  const before = source.slice(0, at);
  return `${countLines(before) + 1}:${Buffer.byteLength(before.slice(before.lastIndexOf("\n") + 1))}`;
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}
