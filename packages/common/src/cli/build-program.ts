import { printedError, ToolError } from "../errors/tool-error.ts";
import type { CommandDefinition, CommandEntry, CommandGroup, FlagSet, FlagValues, Invocation, Output } from "./define-command.ts";
import { describeEntry } from "./describe-entry.ts";
import { exitCodeFor } from "./exit-codes.ts";
import type { HelpStyle } from "./help.ts";
import { brokenPipe } from "./output.ts";
import { createFlagParser, type FlagParser } from "./parse-flags.ts";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage-error.ts";

/** A program as data: its global flags and its tree of commands. */
export interface ProgramDefinition {
  readonly name: "podman" | "buildah" | "skopeo";
  /** What `--version` prints after `NAME version `. */
  readonly version: string;
  /** Accepted before and after the command. */
  readonly globalFlags: FlagSet;
  /** Global flags that stand before the first word of the command alone. */
  readonly leadingFlags?: FlagSet;
  /** Flags to leave out of the program's help, given what else stands on the command line. */
  hidesInHelp?(given: (flag: string) => boolean): readonly string[];
  readonly root: CommandGroup;
  /** What completion may ask for names of existing things; loaded when a shell completes. */
  completion?(): Promise<import("./completion/completion-source.ts").CompletionSource>;
  /** Called once the line is understood, before the command runs; may refuse by throwing. Globals that it gives back replace those of the line. */
  beforeRun?(command: CommandDefinition, invocation: Invocation<Readonly<Record<string, unknown>>>): Promise<Globals | undefined>;
}

/** Values of the global flags, by camelCase name. */
export type Globals = Invocation<unknown>["globals"];

const builtinFlags = { help: { type: "bool", description: "Print this help" } } as const satisfies FlagSet;
const versionFlag = { version: { type: "bool", short: "v", description: "Print the version" } } as const satisfies FlagSet;

/**
 * Understands a command line, loads the one command it names, runs it and says what went wrong on standard error.
 *
 * The grammar is pflag's and cobra's (`parse-flags.ts`), because scripts rely on it; commander describes the commands in help and is loaded
 * only there (docs/decisions/0030-grammar-and-help.md).
 *
 * @returns the exit code; never throws
 */
export async function runProgram(program: ProgramDefinition, argv: readonly string[], out: Output): Promise<number> {
  if (argv[0] === "__complete" || argv[0] === "__completeNoDesc") {
    const { runCompletion } = await import("./completion/run-completion.ts");
    return runCompletion(program, argv.slice(1), { out, withDescriptions: argv[0] === "__complete" });
  }
  const walk: Walk = { program, parser: createFlagParser(), path: [program.name], out };
  try {
    return await runLine(walk, argv);
  } catch (error) {
    return reportFailure(walk, error);
  }
}

interface Walk {
  readonly program: ProgramDefinition;
  readonly parser: FlagParser;
  /** The words of the command so far, the program's name first. */
  readonly path: string[];
  readonly out: Output;
}

async function runLine(walk: Walk, argv: readonly string[]): Promise<number> {
  const { program, parser } = walk;
  parser.add({ ...builtinFlags, ...versionFlag, ...program.globalFlags, ...program.leadingFlags });
  // `-h` asks for help wherever the command has no use of its own for the letter (`run -h` names the host).
  parser.addShort("h", "help");
  let group = program.root;
  let rest: readonly string[] = argv;
  for (;;) {
    rest = parser.parse(rest, 0, true).args;
    if (group === program.root && parser.values(versionFlag).version === true) {
      walk.out.stdout(`${program.name} version ${program.version}\n`);
      return 0;
    }
    const word = rest[0];
    if (word === undefined || isSet(parser, "help")) return showGroup(walk, group);
    const entry = findEntry(group, word);
    if (entry === undefined) {
      if (word === "help") return showTopic(walk, group, rest.slice(1));
      // Flags are read before words are understood: one that is not known is what is wrong, as the original has it.
      if (program.name === "podman") parser.parse(rest.slice(1), 0, false);
      throw unknownCommand(walk, group, word);
    }
    walk.path.push(entry.name);
    rest = rest.slice(1);
    parser.drop({ ...versionFlag, ...program.leadingFlags });
    if (!("group" in entry.entry)) return runCommand(walk, await loadNamed({ name: entry.name, entry: entry.entry }), rest);
    group = entry.entry.group;
  }
}

interface FoundEntry {
  readonly name: string;
  readonly entry: CommandEntry;
}

/** The command's definition under the name and aliases that it has in this place: one definition may stand in several. */
async function loadNamed({
  name,
  entry,
}: FoundEntry & { entry: Exclude<CommandEntry, { group: CommandGroup }> }): Promise<CommandDefinition> {
  const command = (await entry.load()) as CommandDefinition;
  return { ...command, name, aliases: entry.aliases ?? [] };
}

async function runCommand(walk: Walk, command: CommandDefinition, argv: readonly string[]): Promise<number> {
  const { parser, program, out } = walk;
  parser.add(command.flags);
  const passes = command.passesArguments === true;
  const { args } = passes ? { args: argv } : parser.parse(argv, 0, command.stopAtFirstArgument === true);
  const helps = passes
    ? argv.length === 0 || argv[0] === "--help" || argv[0] === "-h"
    : command.flags.help === undefined && isSet(parser, "help");
  if (helps) {
    const { commandHelp } = await import("./help.ts");
    out.stdout(`${commandHelp(command, walk.path.join(" "), styleOf(program))}${passes ? "\n" : ""}`);
    if (!passes) return 0;
  }
  checkArguments(command, args, walk);
  const read: Invocation<FlagValues<FlagSet>> = {
    flags: Object.freeze(parser.values(command.flags)) as FlagValues<FlagSet>,
    args,
    globals: Object.freeze(parser.values({ ...program.globalFlags, ...program.leadingFlags })),
    given: (flag) => parser.given(flag),
    commandPath: walk.path.join(" "),
    out,
  };
  const globals = await program.beforeRun?.(command, read as Invocation<Readonly<Record<string, unknown>>>);
  return (await command.run(globals === undefined ? read : { ...read, globals })) ?? 0;
}

function isSet(parser: FlagParser, name: keyof typeof builtinFlags): boolean {
  return parser.values(builtinFlags)[name] === true;
}

function findEntry(group: CommandGroup, word: string): FoundEntry | undefined {
  const direct = Object.hasOwn(group.commands, word) ? group.commands[word] : undefined;
  if (direct !== undefined) return { name: word, entry: direct };
  for (const [name, entry] of Object.entries(group.commands)) {
    if (describeEntry(entry).aliases.includes(word)) return { name, entry };
  }
  return undefined;
}

async function showGroup(walk: Walk, group: CommandGroup): Promise<number> {
  const { groupHelp } = await import("./help.ts");
  const { program, out, path, parser } = walk;
  const style = styleOf(program);
  const own = ownFlags(walk);
  out.stdout(groupHelp(group, path.join(" "), { style, flags: group === program.root ? own : undefined }));
  if (isSet(parser, "help") || program.name === "buildah") return 0;
  const command = path.join(" ");
  if (program.name === "skopeo")
    throw new ToolError("invalid-argument", `Missing command '${command} COMMAND'\nTry '${command} --help' for more information`);
  out.stdout("\n");
  throw new ToolError("invalid-argument", `missing command '${command} COMMAND'`);
}

/** The flags that the program's own help lists. */
function ownFlags({ program, parser }: Walk): FlagSet {
  const hidden = program.hidesInHelp?.((flag) => parser.given(flag)) ?? [];
  // podman's own help does not name the letter, which `run` has another use for.
  const help = program.name === "podman" ? builtinFlags.help : { ...builtinFlags.help, short: "h" };
  const all = { ...program.globalFlags, ...program.leadingFlags, help, ...versionFlag };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !hidden.includes(name)));
}

async function showTopic(walk: Walk, from: CommandGroup, words: readonly string[]): Promise<number> {
  const { commandHelp, groupHelp } = await import("./help.ts");
  const style = styleOf(walk.program);
  const own = ownFlags(walk);
  let group = from;
  for (const word of words) {
    const found = findEntry(group, word);
    if (found === undefined) {
      walk.out.stderr(`Unknown help topic [\`${words.join(" ")}\`]\n`);
      break;
    }
    walk.path.push(found.name);
    if (!("group" in found.entry)) {
      walk.out.stdout(commandHelp(await loadNamed({ name: found.name, entry: found.entry }), walk.path.join(" "), style));
      return 0;
    }
    group = found.entry.group;
  }
  walk.out.stdout(groupHelp(group, walk.path.join(" "), { style, flags: group === walk.program.root ? own : undefined }));
  return 0;
}

function styleOf(program: ProgramDefinition): HelpStyle {
  if (program.name === "podman") return { flagsHeading: "Options:", flagsWord: "[options]", description: "headed" };
  if (program.name === "skopeo") return { flagsHeading: "Flags:", flagsWord: "[command options]", description: "plain" };
  return { flagsHeading: "Flags:", flagsWord: "[flags]", description: "indented" };
}

function unknownCommand(walk: Walk, group: CommandGroup, word: string): ToolError {
  const parent = walk.path.join(" ");
  const names = Object.entries(group.commands).filter(([, entry]) => !describeEntry(entry).hidden);
  // The original offers names at the top level alone.
  const meant =
    group === walk.program.root
      ? suggest(
          word,
          names.map(([name]) => name),
        )
      : [];
  const offer = meant.length === 0 ? "" : `\n\nDid you mean this?\n${meant.map((name) => `\t${name}\n`).join("")}`;
  if (walk.program.name === "buildah")
    return new ToolError("invalid-argument", `unknown command "${word}" for "${parent}"${offer}`, { code: "verbatim" });
  const label = walk.program.name === "skopeo" ? "Unrecognized" : "unrecognized";
  const message = `${label} command \`${parent} ${word}\`${offer}\nTry '${parent} --help' for more information`;
  return new ToolError("invalid-argument", message, { code: "verbatim" });
}

function checkArguments(command: CommandDefinition, args: readonly string[], walk: Walk): void {
  const { min = 0, max = Number.POSITIVE_INFINITY, missing }: NonNullable<CommandDefinition["args"]> = command.args ?? { max: 0 };
  const count = args.length;
  if (count >= min && count <= max) return;
  if (count < min && missing !== undefined) throw new ToolError("invalid-argument", missing);
  throw new ToolError("invalid-argument", argumentCountMessage({ min, max, count, path: walk.path.join(" "), program: walk.program.name }));
}

function argumentCountMessage(found: { min: number; max: number; count: number; path: string; program: string }): string {
  const { min, max, count, path, program } = found;
  if (max === 0) return program === "buildah" ? `'${path}' does not accept arguments` : `\`${path}\` takes no arguments`;
  if (min === max) return `accepts ${min} arg(s), received ${count}`;
  if (max === Number.POSITIVE_INFINITY) return `requires at least ${min} arg(s), only received ${count}`;
  if (min === 0) return `accepts at most ${max} arg(s), received ${count}`;
  return `accepts between ${min} and ${max} arg(s), received ${count}`;
}

function reportFailure(walk: Walk, error: unknown): number {
  const { program, out } = walk;
  const code = exitCodeFor(program.name, error);
  if (error instanceof ToolError && error.code === brokenPipe) return code;
  const verbatim = error instanceof ToolError && (error.code === "verbatim" || program.name === "skopeo") && error.cause === undefined;
  const message = verbatim ? error.message : printedError(error);
  const advice = error instanceof UsageError ? error.advice : [];
  if (program.name === "skopeo") {
    const text = [message, ...advice].join("\n");
    out.stderr(`time="${new Date().toISOString().replace(/\.\d+Z$/, "Z")}" level=fatal msg=${JSON.stringify(text)}\n`);
    return code;
  }
  // Some of the original's messages stand without the word.
  out.stderr(error instanceof ToolError && error.code === "bare" ? `${message}\n` : `Error: ${message}\n`);
  for (const line of advice) out.stderr(`${line}\n`);
  if (error instanceof UsageError && program.name === "podman") out.stderr(`See '${walk.path.join(" ")} --help'\n`);
  return code;
}
