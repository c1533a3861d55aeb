import { TemplateError, type Token, tokenize } from "./lexer.ts";
import type { Node, Operand, ParsedTemplate, Pipe } from "./nodes.ts";

/**
 * Parses Go's text/template syntax.
 * @throws TemplateError
 */
export function parseTemplate(source: string, name: string, isFunction: (name: string) => boolean): ParsedTemplate {
  const reader = createReader(tokenize(source, name), name, isFunction);
  const body = parseList(reader, []);
  return { name, body: body.nodes, definitions: reader.definitions };
}

interface Reader {
  readonly definitions: Map<string, readonly Node[]>;
  peek(): Token;
  take(): Token;
  skipSpace(): void;
  /** Reads `$x :=`, `$x =` or `$i, $x :=` when it stands next. */
  declaration(): { variables: string[]; declares: boolean } | undefined;
  isFunction(name: string): boolean;
  fail(message: string): never;
}

function createReader(tokens: readonly Token[], name: string, isFunction: (name: string) => boolean): Reader {
  let at = 0;
  const end: Token = { kind: "end", text: "", place: "1" };
  const reader: Reader = {
    definitions: new Map(),
    peek: () => tokens[at] ?? end,
    take: () => tokens[at++] ?? end,
    skipSpace: () => {
      while (reader.peek().kind === "space") at++;
    },
    declaration: () => {
      const significant = [];
      let ahead = at;
      while (significant.length < 4 && ahead < tokens.length && tokens[ahead]?.kind !== "close") {
        const token = tokens[ahead++];
        if (token !== undefined && token.kind !== "space") significant.push({ token, after: ahead });
      }
      const texts = significant.map(({ token }) => (token.kind === "symbol" ? token.text : token.kind));
      const length = texts[1] === "," && texts[2] === "variable" ? 4 : 2;
      const operator = texts[length - 1];
      if (operator !== ":=" && operator !== "=") return undefined;
      at = significant[length - 1]?.after ?? at;
      const variables = significant.slice(0, length).flatMap(({ token }) => (token.kind === "variable" ? [token.text] : []));
      return { variables, declares: operator === ":=" };
    },
    isFunction,
    fail: (message) => {
      throw new TemplateError(`template: ${name}:${tokens[Math.min(at, tokens.length - 1)]?.place.split(":")[0] ?? 1}: ${message}`);
    },
  };
  return reader;
}

/** Nodes up to one of the closing words (`end`, `else`); at the outermost level up to the end of the text. */
function parseList(reader: Reader, closers: readonly string[]): { nodes: Node[]; closer: string } {
  const nodes: Node[] = [];
  for (;;) {
    const token = reader.take();
    if (token.kind === "end") {
      if (closers.length > 0) reader.fail("unexpected EOF");
      return { nodes, closer: "" };
    }
    if (token.kind === "text") {
      nodes.push({ kind: "text", text: token.text });
      continue;
    }
    reader.skipSpace();
    const word = reader.peek();
    if (word.kind === "word" && (word.text === "end" || word.text === "else")) {
      if (!closers.includes(word.text)) reader.fail(`unexpected {{${word.text}}}`);
      reader.take();
      if (word.text === "end") expectClose(reader, "end");
      return { nodes, closer: word.text };
    }
    const node = parseAction(reader, token.place);
    if (node !== undefined) nodes.push(node);
  }
}

function parseAction(reader: Reader, place: string): Node | undefined {
  const word = reader.peek();
  if (word.kind === "word") {
    switch (word.text) {
      case "if":
      case "with":
      case "range":
        reader.take();
        return parseControl(reader, word.text, place);
      case "break":
      case "continue":
        reader.take();
        expectClose(reader, word.text);
        return { kind: word.text };
      case "define":
      case "block":
      case "template":
        reader.take();
        return parseNamed(reader, word.text, place);
    }
  }
  const pipe = parsePipe(reader, "close");
  return { kind: "action", pipe, place };
}

function parseControl(reader: Reader, kind: "if" | "with" | "range", place: string): Node {
  const pipe = parsePipe(reader, "close");
  const { nodes: then, closer } = parseList(reader, ["end", "else"]);
  if (closer === "end") return { kind, pipe, then, otherwise: [], place };
  reader.skipSpace();
  const next = reader.peek();
  if (next.kind === "word" && (next.text === "if" || next.text === "with")) {
    reader.take();
    return { kind, pipe, then, otherwise: [parseControl(reader, next.text, place)], place };
  }
  expectClose(reader, "else");
  const { nodes: otherwise } = parseList(reader, ["end"]);
  return { kind, pipe, then, otherwise, place };
}

function parseNamed(reader: Reader, kind: "define" | "block" | "template", place: string): Node | undefined {
  reader.skipSpace();
  const name = reader.take();
  if (name.kind !== "string") return reader.fail(`unexpected ${JSON.stringify(name.text)} in ${kind} clause`);
  const title = unquote(name.text);
  if (kind === "define") {
    expectClose(reader, kind);
    reader.definitions.set(title, parseList(reader, ["end"]).nodes);
    return undefined;
  }
  reader.skipSpace();
  const pipe = reader.peek().kind === "close" ? undefined : parsePipe(reader, "close");
  if (pipe === undefined) expectClose(reader, kind);
  if (kind === "block") reader.definitions.set(title, parseList(reader, ["end"]).nodes);
  return { kind: "template", name: title, pipe, place };
}

function parsePipe(reader: Reader, closer: "close" | ")"): Pipe {
  const { variables, declares } = parseDeclaration(reader);
  const commands: Operand[][] = [];
  for (;;) {
    commands.push(parseCommand(reader));
    const token = reader.take();
    if (token.kind === "symbol" && token.text === "|") continue;
    if (closer === "close" ? token.kind === "close" : token.text === ")" && token.kind === "symbol")
      return { variables, declares, commands };
    if (closer === ")" && (token.kind === "close" || token.kind === "end")) reader.fail("unclosed left paren");
    reader.fail(`unexpected ${describe(token)} in command`);
  }
}

/** `$x :=`, `$x =` or `$i, $x :=` in front of a pipeline; reads nothing when there is none. */
function parseDeclaration(reader: Reader): { variables: string[]; declares: boolean } {
  reader.skipSpace();
  if (reader.peek().kind !== "variable") return { variables: [], declares: false };
  return reader.declaration() ?? { variables: [], declares: false };
}

function parseCommand(reader: Reader): Operand[] {
  const operands: Operand[] = [];
  for (;;) {
    reader.skipSpace();
    const token = reader.peek();
    if (token.kind === "close" || token.kind === "end" || (token.kind === "symbol" && (token.text === "|" || token.text === ")"))) break;
    operands.push(parseOperand(reader));
  }
  if (operands.length === 0) reader.fail("missing value for command");
  return operands;
}

function parseOperand(reader: Reader): Operand {
  const token = reader.take();
  switch (token.kind) {
    case "field":
      return withFields(reader, token, (names, at) => ({ kind: "field", names: [token.text.slice(1), ...names], ...at }));
    case "variable":
      return withFields(reader, token, (names, at) => ({ kind: "variable", name: token.text, names, ...at }));
    case "string":
      return { kind: "constant", value: unquote(token.text) };
    case "char":
      return { kind: "constant", value: unquote(`"${token.text.slice(1, -1)}"`).codePointAt(0) ?? 0 };
    case "number":
      return { kind: "constant", value: Number(token.text.replaceAll("_", "")) };
    case "word":
      return wordOperand(reader, token.text);
    case "symbol":
      if (token.text === ".") return { kind: "dot" };
      if (token.text === "(") {
        const pipe = parsePipe(reader, ")");
        return withFields(reader, { ...token, text: "(…)" }, (names, at) => ({ kind: "pipe", pipe, names, ...at }));
      }
  }
  return reader.fail(`unexpected ${describe(token)} in operand`);
}

function wordOperand(reader: Reader, word: string): Operand {
  if (word === "true" || word === "false") return { kind: "constant", value: word === "true" };
  if (word === "nil") return { kind: "nil" };
  if (!reader.isFunction(word)) return reader.fail(`function ${JSON.stringify(word)} not defined`);
  return { kind: "function", name: word };
}

function withFields(reader: Reader, first: Token, make: (names: string[], at: { source: string; place: string }) => Operand): Operand {
  const names: string[] = [];
  let place = first.place;
  while (reader.peek().kind === "field") {
    const field = reader.take();
    names.push(field.text.slice(1));
    place = field.place;
  }
  return make(names, { source: [first.text, ...names].join("."), place });
}

function expectClose(reader: Reader, after: string): void {
  reader.skipSpace();
  const token = reader.take();
  if (token.kind !== "close") reader.fail(`unexpected ${describe(token)} in ${after}`);
}

function describe(token: Token): string {
  if (token.kind === "end") return "EOF";
  return token.kind === "close" ? '"}}"' : `<${token.text}>`;
}

/** The value of a Go string literal, raw or quoted. */
function unquote(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };
  return literal
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs, (_, x, u, long, octal, other) => {
      const code = x ?? u ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      return simple[other as string] ?? (other as string);
    });
}
