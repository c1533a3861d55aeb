import { ToolError } from "../errors/tool-error.ts";
import { camelCase } from "./camel-case.ts";
import type { FlagDefinition, FlagSet } from "./define-command.ts";
import { type FlagValue, parseBool, parseFlagValue } from "./flag-values/parse-value.ts";
import { nearest } from "./suggest.ts";
import { UsageError } from "./usage-error.ts";

/** The flags that are known at one point of the command line, and what was given so far. */
export interface FlagParser {
  /**
   * Reads flags and positional arguments from `argv` at `start`. Stops at the first positional argument when told so, else goes
   * through to the end. `--` ends the flags.
   * @throws UsageError for a flag that is unknown, lacks its value or refuses it
   */
  parse(argv: readonly string[], start: number, stopAtFirstArgument: boolean): { readonly args: readonly string[]; readonly next: number };
  /** Adds flags; a name or letter that is there already is hidden by the new one. */
  add(flags: FlagSet): void;
  /** Forgets the names and letters of these flags; their values stay, and that they were given. */
  drop(flags: FlagSet): void;
  /** Makes a letter stand for a flag that has been added. */
  addShort(letter: string, name: string): void;
  given(name: string): boolean;
  /** Values of the flags of a set by camelCase name, defaults filled in. */
  values(flags: FlagSet): Record<string, FlagValue | undefined>;
}

interface KnownFlag {
  readonly name: string;
  readonly definition: FlagDefinition;
}

interface Lookup {
  readonly long: Map<string, KnownFlag>;
  readonly short: Map<string, KnownFlag>;
}

/** A parser of flags with pflag's grammar: `--name=value`, `--bool=false`, `-it`, `-p80`, `-p=80`. */
export function createFlagParser(): FlagParser {
  const lookup: Lookup = { long: new Map(), short: new Map() };
  const given = new GivenValues();
  const dropped = new Map<string, FlagDefinition>();
  const store = (flag: KnownFlag, text: string): void => {
    given.set(flag, merge(given.get(flag), flag, readValue(flag, text)));
  };
  return {
    add: (flags) => addFlags(lookup, flags),
    drop: (flags) => {
      for (const [name, definition] of Object.entries(flags)) {
        lookup.long.delete(name);
        lookup.short.delete(definition.short ?? "");
        dropped.set(name, definition);
      }
    },
    addShort: (letter, name) => {
      const flag = lookup.long.get(name);
      if (flag !== undefined) lookup.short.set(letter, flag);
    },
    parse: (argv, start, stopAtFirstArgument) => parseTokens(argv, { start, stopAtFirstArgument, lookup, store }),
    given: (name) => {
      const definition = lookup.long.get(name)?.definition ?? dropped.get(name);
      return definition !== undefined && given.get({ name: lookup.long.get(name)?.name ?? name, definition }) !== undefined;
    },
    values: (flags) => {
      const values: Record<string, FlagValue | undefined> = {};
      for (const [name, definition] of Object.entries(flags))
        values[camelCase(name)] = given.get({ name, definition }) ?? defaultValue(definition);
      return values;
    },
  };
}

/**
 * What was given, by definition and name: a name alone may mean one thing before the command and another behind it, and one definition may
 * stand under several names.
 */
class GivenValues {
  readonly #values = new Map<FlagDefinition, Map<string, FlagValue>>();

  get({ name, definition }: KnownFlag): FlagValue | undefined {
    return this.#values.get(definition)?.get(name);
  }

  set({ name, definition }: KnownFlag, value: FlagValue): void {
    const ofDefinition = this.#values.get(definition) ?? new Map<string, FlagValue>();
    this.#values.set(definition, ofDefinition.set(name, value));
  }
}

function addFlags(lookup: Lookup, flags: FlagSet): void {
  for (const [name, definition] of Object.entries(flags)) {
    const flag = { name, definition };
    lookup.long.set(name, flag);
    for (const alias of definition.aliases ?? []) lookup.long.set(alias, flag);
    if (definition.short !== undefined) lookup.short.set(definition.short, flag);
  }
}

interface Walk {
  readonly start: number;
  readonly stopAtFirstArgument: boolean;
  readonly lookup: Lookup;
  store(flag: KnownFlag, text: string): void;
}

function parseTokens(argv: readonly string[], walk: Walk): { args: string[]; next: number } {
  const args: string[] = [];
  let at = walk.start;
  while (at < argv.length) {
    const token = argv[at] ?? "";
    if (token === "--") {
      args.push(...argv.slice(at + 1));
      return { args, next: argv.length };
    }
    if (token.startsWith("--")) {
      at = readLong(argv, at, walk);
    } else if (token.startsWith("-") && token.length > 1) {
      at = readShorts(argv, at, walk);
    } else if (walk.stopAtFirstArgument) {
      return { args: argv.slice(at), next: at };
    } else {
      args.push(token);
      at++;
    }
  }
  return { args, next: at };
}

function readLong(argv: readonly string[], at: number, walk: Walk): number {
  const token = argv[at] ?? "";
  const equals = token.indexOf("=");
  const name = token.slice(2, equals === -1 ? undefined : equals);
  if (name === "" || name.startsWith("-")) throw new UsageError(`bad flag syntax: ${token}`);
  const flag = walk.lookup.long.get(name);
  if (flag === undefined) throw unknownFlag(name, walk.lookup);
  if (equals !== -1) {
    walk.store(flag, token.slice(equals + 1));
    return at + 1;
  }
  const implied = impliedValue(flag);
  const value = implied ?? argv[at + 1];
  if (value === undefined) throw new UsageError(`flag needs an argument: --${name}`);
  walk.store(flag, value);
  return implied === undefined ? at + 2 : at + 1;
}

function readShorts(argv: readonly string[], at: number, walk: Walk): number {
  const token = argv[at] ?? "";
  for (let index = 1; index < token.length; index++) {
    const letter = token[index] ?? "";
    const flag = walk.lookup.short.get(letter);
    if (flag === undefined) throw new UsageError(`unknown shorthand flag: '${letter}' in -${token.slice(index)}`);
    const rest = token.slice(index + 1);
    if (rest.length > 1 && rest.startsWith("=")) {
      walk.store(flag, rest.slice(1));
      return at + 1;
    }
    const implied = impliedValue(flag);
    if (implied !== undefined) {
      walk.store(flag, implied);
      continue;
    }
    const value = rest === "" ? argv[at + 1] : rest;
    if (value === undefined) throw new UsageError(`flag needs an argument: '${letter}' in -${token.slice(index)}`);
    walk.store(flag, value);
    return rest === "" ? at + 2 : at + 1;
  }
  return at + 1;
}

/** What the bare flag means, for the flags that may stand without a value. */
function impliedValue({ definition }: KnownFlag): string | undefined {
  if (definition.type === "bool") return "true";
  if (definition.type === "count") return "+1";
  if (definition.type === "optionalString") return definition.noValue ?? "";
  return undefined;
}

function unknownFlag(name: string, lookup: Lookup): UsageError {
  const visible = [...lookup.long].filter(([, flag]) => flag.definition.hidden !== true).map(([known]) => known);
  const meant = nearest(name, visible);
  return new UsageError(`unknown flag: --${name}`, meant === undefined ? [] : [`Did you mean --${meant}?`]);
}

function readValue(flag: KnownFlag, text: string): FlagValue {
  const { definition, name } = flag;
  try {
    if (definition.type === "count" && text === "+1") return 1;
    const value = parseFlagValue(definition.type, name, text);
    for (const item of Array.isArray(value) ? (value as readonly string[]) : [text]) checkValue(definition, item);
    return value;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const label = definition.short === undefined ? `--${name}` : `-${definition.short}, --${name}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`invalid argument ${JSON.stringify(text)} for "${label}" flag: ${reason}`);
  }
}

function checkValue(definition: FlagDefinition, text: string): void {
  if (definition.choices !== undefined && !definition.choices.includes(text)) {
    throw new Error(`${JSON.stringify(text)} is not a valid value.  Choose from: "${definition.choices.join(", ")}"`);
  }
  const refusal = definition.validate?.(text);
  if (refusal !== undefined) throw new Error(refusal);
}

/** Lists grow and counts add up; everything else keeps the last value. The first given item of a list replaces its default. */
function merge(before: FlagValue | undefined, flag: KnownFlag, value: FlagValue): FlagValue {
  if (Array.isArray(value)) return [...((before as readonly string[] | undefined) ?? []), ...value];
  if (flag.definition.type === "count") return Number(before ?? 0) + Number(value);
  return value;
}

function defaultValue(definition: FlagDefinition): FlagValue | undefined {
  const { type, default: fallback } = definition;
  if (type === "bool") return typeof fallback === "string" ? parseBool(fallback) : Boolean(fallback);
  if (type === "stringArray" || type === "stringSlice") {
    return fallback === undefined ? [] : Array.isArray(fallback) ? (fallback as readonly string[]) : [String(fallback)];
  }
  if (type === "count") return Number(fallback ?? 0);
  return fallback;
}
