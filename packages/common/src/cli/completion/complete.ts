import type { ProgramDefinition } from "../build-program.ts";
import { camelCase } from "../camel-case.ts";
import type { CommandDefinition, CommandEntry, CommandGroup, FlagDefinition, FlagSet } from "../define-command.ts";
import { describeEntry } from "../describe-entry.ts";
import { argumentKind } from "./argument-kind.ts";
import { type Candidate, type Completion, type CompletionRequest, type CompletionSource, directives } from "./completion-source.ts";

/** Where a command line has got to before the word that is being typed. */
interface Position {
  readonly path: string[];
  group: CommandGroup | undefined;
  command: CommandDefinition | undefined;
  /** Positional arguments so far. */
  readonly args: string[];
  /** The flag whose value comes next. */
  pending: string | undefined;
  /** After `--`, or after the first argument of a command that ends its flags there. */
  flagsEnded: boolean;
  readonly given: Set<string>;
  readonly globals: Record<string, unknown>;
}

/**
 * What may stand for the last of `words` (the command line without the program's name), as cobra's `__complete` answers: subcommands, flags, their
 * values, and names of existing things, which only `source` knows.
 */
export async function completeLine(program: ProgramDefinition, words: readonly string[], source: CompletionSource): Promise<Completion> {
  const typed = words.at(-1) ?? "";
  const position: Position = {
    path: [program.name],
    group: program.root,
    command: undefined,
    args: [],
    pending: undefined,
    flagsEnded: false,
    given: new Set(),
    globals: {},
  };
  for (const word of words.slice(0, -1)) if (!(await advance(program, position, word))) return nothing();
  const flags = flagsAt(program, position);
  const request: CompletionRequest = { commandPath: position.path.join(" "), args: position.args, typed, globals: position.globals };
  if (position.pending !== undefined) return flagValue(position.pending, flags, { request, source });
  if (typed.startsWith("-") && !position.flagsEnded) {
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(typed) ?? [];
    if (name !== undefined) return flagValue(name, flags, { request: { ...request, typed: value ?? "" }, source });
    return {
      candidates: flagNames(position.command === undefined ? flags : position.command.flags, typed, position.given),
      directive: directives.noFiles,
    };
  }
  if (position.group !== undefined) return { candidates: subcommands(position.group, typed, program), directive: directives.noFiles };
  return argument(position, request, source);
}

function nothing(): Completion {
  return { candidates: [], directive: directives.default };
}

function flagsAt(program: ProgramDefinition, { command }: Position): FlagSet {
  return { ...program.globalFlags, ...program.leadingFlags, ...command?.flags };
}

/** Reads one whole word; false when the line cannot be understood. */
async function advance(program: ProgramDefinition, position: Position, word: string): Promise<boolean> {
  if (position.pending !== undefined) {
    note(program, position, position.pending, word);
    position.pending = undefined;
    return true;
  }
  if (!position.flagsEnded && word === "--") {
    position.flagsEnded = true;
    return true;
  }
  if (!position.flagsEnded && word.startsWith("-") && word.length > 1) {
    readFlag(program, position, word);
    return true;
  }
  if (position.group !== undefined) return enter(position, position.group, word);
  position.args.push(word);
  if (position.command?.stopAtFirstArgument === true) position.flagsEnded = true;
  return true;
}

function note(program: ProgramDefinition, position: Position, name: string, value: unknown): void {
  position.given.add(name);
  const type = (program.globalFlags[name] ?? program.leadingFlags?.[name])?.type;
  if (type === undefined) return;
  const key = camelCase(name);
  const before = position.globals[key];
  position.globals[key] = type === "stringArray" || type === "stringSlice" ? [...(Array.isArray(before) ? before : []), value] : value;
}

function readFlag(program: ProgramDefinition, position: Position, word: string): void {
  const flags = flagsAt(program, position);
  const [, long, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const name = long ?? Object.entries(flags).find(([, { short }]) => short === word.at(-1))?.[0];
  if (name === undefined) return;
  const definition = findFlag(flags, name);
  if (value !== undefined) note(program, position, name, value);
  else if (definition === undefined || isAlone(definition)) note(program, position, name, true);
  else position.pending = name;
}

function findFlag(flags: FlagSet, name: string): FlagDefinition | undefined {
  return flags[name] ?? Object.values(flags).find(({ aliases }) => aliases?.includes(name));
}

/** Flags that take no further word. */
function isAlone({ type }: FlagDefinition): boolean {
  return type === "bool" || type === "count" || type === "optionalString";
}

async function enter(position: Position, group: CommandGroup, word: string): Promise<boolean> {
  const found = Object.entries(group.commands).find(([name, entry]) => name === word || describeEntry(entry).aliases.includes(word));
  if (found === undefined) return false;
  const [name, entry] = found;
  position.path.push(name);
  position.group = "group" in entry ? entry.group : undefined;
  position.command = "group" in entry ? undefined : await load(entry);
  return true;
}

async function load(entry: Exclude<CommandEntry, { group: CommandGroup }>): Promise<CommandDefinition> {
  return (await entry.load()) as CommandDefinition;
}

function subcommands(group: CommandGroup, typed: string, program: ProgramDefinition): Candidate[] {
  const shown = Object.entries(group.commands)
    .map(([name, entry]) => ({ name, ...describeEntry(entry) }))
    .filter(({ hidden }) => !hidden);
  const help = group === program.root ? [{ value: "help", description: "Help about any command" }] : [];
  return [...shown.map(({ name, summary }) => ({ value: name, description: summary })), ...help]
    .filter(({ value }) => value.startsWith(typed))
    .sort((one, other) => (one.value < other.value ? -1 : 1));
}

function flagNames(flags: FlagSet, typed: string, given: ReadonlySet<string>): Candidate[] {
  return Object.entries(flags)
    .filter(([name, { hidden, type }]) => hidden !== true && (!given.has(name) || type === "stringArray" || type === "stringSlice"))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { short, description }]) => {
      const text = description.split("\n")[0]?.replaceAll("`", "") ?? "";
      return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].map((value) => ({ value, description: text }));
    })
    .filter(({ value }) => value.startsWith(typed));
}

interface Asked {
  readonly request: CompletionRequest;
  readonly source: CompletionSource;
}

async function flagValue(name: string, flags: FlagSet, { request, source }: Asked): Promise<Completion> {
  const definition = findFlag(flags, name);
  if (definition === undefined) return nothing();
  const words = definition.choices ?? (definition.type === "bool" ? ["true", "false"] : undefined);
  if (words !== undefined)
    return fitting(
      words.map((value) => ({ value })),
      request.typed,
    );
  const known = await source.flagValues?.(name, request);
  if (known !== undefined) return { ...fitting(known.candidates, request.typed), directive: known.directive };
  const isPath = /file|dir|path|root|cert|context|output|policy|key|volume|device/.test(name);
  return { candidates: [], directive: isPath ? directives.default : directives.noFiles };
}

async function argument(position: Position, request: CompletionRequest, source: CompletionSource): Promise<Completion> {
  const place = argumentKind(position.command?.usage ?? "", position.args.length);
  const isCopy = position.command?.name === "cp";
  if (place.kind === "path" || (isCopy && request.typed.includes(":"))) return (await source.paths?.(request)) ?? nothing();
  if (place.kind === "words")
    return fitting(
      place.words.map((value) => ({ value })),
      request.typed,
    );
  if (place.kind !== "names") return { candidates: [], directive: directives.noFiles };
  const lists = await Promise.all(place.of.map((kind) => source.names(kind, request)));
  const found = fitting(lists.flat(), request.typed);
  // `CONTAINER:PATH`: the name is followed by something.
  if (isCopy) {
    return { candidates: found.candidates.map((each) => ({ ...each, value: `${each.value}:` })), directive: directives.noSpace };
  }
  if (place.of[0] === "transport") return { ...found, directive: directives.noSpace | directives.noFiles };
  return place.path ? { ...found, directive: directives.default } : found;
}

function fitting(candidates: readonly Candidate[], typed: string): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(typed)), directive: directives.noFiles };
}
