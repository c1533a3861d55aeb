import { ToolError } from "@containers/common/errors/tool-error";
import { splitQuotedWords } from "./words-of-line.ts";

export interface ParsedArguments {
  readonly args: readonly string[];
  readonly json: boolean;
}

type ArgumentParser = (rest: string, escapeToken: string) => ParsedArguments;

/** How each keyword's arguments are split; a keyword that is not here is unknown. */
const parsers: Readonly<Record<string, ArgumentParser>> = {
  add: listOrJson,
  arg: (rest, escapeToken) => plain(splitQuotedWords(rest, escapeToken)),
  cmd: wholeOrJson,
  copy: listOrJson,
  entrypoint: wholeOrJson,
  env: (rest, escapeToken) => plain(nameValuePairs(rest, "ENV", escapeToken)),
  expose: list,
  from: list,
  healthcheck: typeThenCommand,
  label: (rest, escapeToken) => plain(nameValuePairs(rest, "LABEL", escapeToken)),
  maintainer: whole,
  run: wholeOrJson,
  shell: wholeOrJson,
  stopsignal: whole,
  user: whole,
  volume: listOrJson,
  workdir: whole,
};

/** Whether the keyword (lower case) is an instruction; `onbuild` is the caller's own business. */
export function isKnownKeyword(keyword: string): boolean {
  return keyword === "onbuild" || Object.hasOwn(parsers, keyword);
}

/** Splits the arguments of `keyword`; throws invalid-argument. */
export function parseArguments(keyword: string, rest: string, escapeToken: string): ParsedArguments {
  const parser = parsers[keyword];
  return parser === undefined ? plain([]) : parser(rest, escapeToken);
}

function plain(args: readonly string[]): ParsedArguments {
  return { args, json: false };
}

function whole(rest: string): ParsedArguments {
  return plain(rest === "" ? [] : [rest]);
}

function list(rest: string): ParsedArguments {
  return plain(rest === "" ? [] : rest.split(/[\t\v\f\r ]+/));
}

function wholeOrJson(rest: string): ParsedArguments {
  return parseJsonArray(rest) ?? whole(rest);
}

function listOrJson(rest: string): ParsedArguments {
  return parseJsonArray(rest) ?? list(rest);
}

/** HEALTHCHECK: `NONE`, or `CMD` and a command in either form. */
function typeThenCommand(rest: string): ParsedArguments {
  const match = /^(\S+)\s*([^]*)$/.exec(rest);
  if (match === null) return plain([]);
  const command = wholeOrJson(match[2] ?? "");
  return { args: [match[1] ?? "", ...command.args], json: command.json };
}

/** Undefined when the text is no JSON array, which then counts as plain words. */
function parseJsonArray(rest: string): ParsedArguments | undefined {
  const text = rest.trimStart();
  if (!text.startsWith("[")) return undefined;
  const value = parseJsonPrefix(text);
  if (!Array.isArray(value)) return undefined;
  const words = value.filter((item) => typeof item === "string");
  if (words.length !== value.length) {
    throw new ToolError("invalid-argument", "when using JSON array syntax, arrays must be comprised of strings only");
  }
  return { args: words, json: true };
}

/** The original's decoder stops after the first JSON value, so text behind the closing bracket is ignored. */
function parseJsonPrefix(text: string): unknown {
  for (let end = text.indexOf("]"); end !== -1; end = text.indexOf("]", end + 1)) {
    try {
      return JSON.parse(text.slice(0, end + 1));
    } catch {
      // That bracket stood inside a string: try the next one.
    }
  }
  return undefined;
}

/** `name=value …`, or the old form `name the rest is the value`: flat list of names and values. */
function nameValuePairs(rest: string, keyword: string, escapeToken: string): string[] {
  const words = splitQuotedWords(rest, escapeToken);
  const first = words[0];
  if (first === undefined) return [];
  if (!first.includes("=")) {
    const match = /^([^]*?)[\t\v\f\r ]+([^]*)$/.exec(rest);
    if (match === null) throw new ToolError("invalid-argument", `${keyword} must have two arguments`);
    return [match[1] ?? "", match[2] ?? ""];
  }
  return words.flatMap((word) => {
    const equals = word.indexOf("=");
    if (equals === -1) {
      throw new ToolError("invalid-argument", `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    }
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}
