import { ToolError } from "@containers/common/errors/tool-error";
import { isSpace } from "../parser/words-of-line.ts";
import type { Environment } from "./environment.ts";
import { lookUp } from "./environment.ts";
import { stripPattern, substitutePattern } from "./patterns.ts";

/** Removes quotes and escapes and replaces `$NAME`, `${NAME}` and `${NAME:-…}` kinds. Throws invalid-argument. */
export function expandWord(word: string, environment: Environment): string {
  return new Expansion(word, environment).until(undefined).text;
}

/** Like {@link expandWord}, then split at white space that came unquoted, out of variables too. */
export function expandWords(word: string, environment: Environment): string[] {
  return new Expansion(word, environment).until(undefined).words;
}

/** Here-document bodies: only variables are replaced; quotes and escapes of anything else stay. */
export function expandHeredoc(text: string, environment: Environment): string {
  return new Expansion(text, environment).raw();
}

interface Expanded {
  readonly text: string;
  readonly words: string[];
  readonly stoppedAt: string;
}

class WordCollector {
  readonly words: string[] = [];
  private current = "";

  addQuoted(text: string): void {
    this.current += text;
  }

  addPlain(text: string): void {
    for (const char of text) {
      if (isSpace(char)) this.end();
      else this.current += char;
    }
  }

  end(): string[] {
    if (this.current !== "") this.words.push(this.current);
    this.current = "";
    return this.words;
  }
}

class Expansion {
  private readonly source: string;
  private readonly chars: readonly string[];
  private readonly environment: Environment;
  private at = 0;

  constructor(source: string, environment: Environment) {
    this.source = source;
    this.chars = [...source];
    this.environment = environment;
  }

  /** Up to one of the characters of `stops` (consumed), or to the end when undefined. */
  until(stops: string | undefined): Expanded {
    let text = "";
    const words = new WordCollector();
    while (this.at < this.chars.length) {
      const char = this.peek();
      if (stops?.includes(char)) {
        this.at++;
        return { text, words: words.end(), stoppedAt: char };
      }
      const piece = this.piece(char, words);
      text += piece;
    }
    if (stops !== undefined) {
      throw new ToolError("invalid-argument", `unexpected end of statement while looking for matching ${stops}`);
    }
    return { text, words: words.end(), stoppedAt: "" };
  }

  raw(): string {
    let text = "";
    while (this.at < this.chars.length) {
      const char = this.peek();
      if (char === "$") text += this.dollar();
      else if (char === "\\" && (this.chars[this.at + 1] === "$" || this.chars[this.at + 1] === "\\")) {
        text += this.chars[this.at + 1] === "$" ? "$" : "\\\\";
        this.at += 2;
      } else {
        text += char;
        this.at++;
      }
    }
    return text;
  }

  private piece(char: string, words: WordCollector): string {
    if (char === "'") return quoted(words, this.singleQuoted());
    if (char === '"') return quoted(words, this.doubleQuoted());
    if (char === "$") {
      const value = this.dollar();
      words.addPlain(value);
      return value;
    }
    this.at++;
    if (char !== "\\") {
      words.addPlain(char);
      return char;
    }
    const escaped = this.next();
    words.addQuoted(escaped);
    return escaped;
  }

  private singleQuoted(): string {
    const end = this.chars.indexOf("'", this.at + 1);
    if (end === -1) throw new ToolError("invalid-argument", "unexpected end of statement while looking for matching single-quote");
    const text = this.chars.slice(this.at + 1, end).join("");
    this.at = end + 1;
    return text;
  }

  private doubleQuoted(): string {
    let text = "";
    this.at++;
    while (this.at < this.chars.length) {
      const char = this.peek();
      if (char === "$") {
        text += this.dollar();
        continue;
      }
      this.at++;
      if (char === '"') return text;
      if (char !== "\\") text += char;
      else if (this.at < this.chars.length) text += '"$\\'.includes(this.peek()) ? this.next() : "\\";
    }
    throw new ToolError("invalid-argument", "unexpected end of statement while looking for matching double-quote");
  }

  private dollar(): string {
    this.at++;
    if (this.peek() !== "{") {
      const name = this.name();
      return name === "" ? "$" : (lookUp(this.environment, name) ?? "");
    }
    this.at++;
    const name = this.name();
    const operator = this.next();
    const value = lookUp(this.environment, name) ?? "";
    if (operator === "}") return value;
    if (operator === ":") return this.conditional(name, value);
    if (operator === "#" || operator === "%") return this.strip(name, value, operator);
    if (operator === "/") return this.substitute(name, value);
    throw new ToolError("invalid-argument", `Missing ':' or '#' or '%' or '/' in substitution: ${this.source}`);
  }

  private conditional(name: string, value: string): string {
    const modifier = this.next();
    const word = this.until("}").text;
    if (modifier === "+") return value === "" ? "" : word;
    if (modifier === "-") return value === "" ? word : value;
    if (modifier !== "?") throw new ToolError("invalid-argument", `Unsupported modifier (${modifier}) in substitution: ${this.source}`);
    if (value === "" && word === "") {
      throw new ToolError("invalid-argument", `Failed to process \`${this.source}\`: ${name} is not allowed to be unset`);
    }
    return value === "" ? word : value;
  }

  private strip(name: string, value: string, side: "#" | "%"): string {
    const greedy = this.peek() === side;
    if (greedy) this.at++;
    const pattern = this.until("}").text;
    if (pattern === "") {
      throw new ToolError("invalid-argument", `${name}${side}: no ${side === "#" ? "prefix" : "suffix"} to remove`);
    }
    return stripPattern(value, pattern, { fromStart: side === "#", greedy });
  }

  private substitute(name: string, value: string): string {
    const kind = this.peek();
    if (kind === "/" || kind === "#" || kind === "%") this.at++;
    const pattern = this.until("/}");
    if (pattern.text === "") throw new ToolError("invalid-argument", `${name}/: no pattern to replace`);
    const replacement = pattern.stoppedAt === "/" ? this.until("}").text : "";
    return substitutePattern(value, pattern.text, { replacement, all: kind === "/", atStart: kind === "#", atEnd: kind === "%" });
  }

  /** Letters, digits and `_`; a name that starts with a digit is that digit alone. */
  private name(): string {
    if (/^\p{Nd}$/u.test(this.peek())) return this.next();
    let name = "";
    while (/^[\p{L}\p{Nd}_]$/u.test(this.peek())) name += this.next();
    return name;
  }

  private peek(): string {
    return this.chars[this.at] ?? "";
  }

  private next(): string {
    return this.chars[this.at++] ?? "";
  }
}

function quoted(words: WordCollector, text: string): string {
  words.addQuoted(text);
  return text;
}
