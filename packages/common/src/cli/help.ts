import { Command, Help, Option } from "commander";
import type { CommandDefinition, CommandGroup, FlagDefinition, FlagSet } from "./define-command.ts";
import { describeEntry } from "./describe-entry.ts";

/** Texts that differ from program to program: what the heading of the flags is and how usage lines name them. */
export interface HelpStyle {
  /** `Options:` or `Flags:`. */
  readonly flagsHeading: string;
  /** `[options]` or `[flags]`. */
  readonly flagsWord: string;
  /** How a command is described: its summary and a description of its own heading, or the description alone. */
  readonly description: "headed" | "indented" | "plain";
}

/** Help of one command, in cobra's layout. */
export function commandHelp(command: CommandDefinition, commandPath: string, style: HelpStyle): string {
  const described = describe(command, commandPath).usage(
    [Object.values(command.flags).some(({ hidden }) => hidden !== true) ? style.flagsWord : "", command.usage ?? ""]
      .filter((part) => part !== "")
      .join(" "),
  );
  addFlags(described, command.flags);
  return new CobraHelp(style, command.examples ?? []).formatHelp(described);
}

/** Help of a word that only holds subcommands; also the program's own, with its global flags. */
export function groupHelp(group: CommandGroup, commandPath: string, options: { style: HelpStyle; flags?: FlagSet }): string {
  const { style, flags } = options;
  const described = describe(group, commandPath).usage(groupUsage(commandPath, { style, hasFlags: flags !== undefined }));
  addFlags(described, flags ?? {});
  for (const [name, entry] of Object.entries(group.commands)) {
    const { summary, hidden } = describeEntry(entry);
    described.addCommand(new Command(name).summary(summary), { hidden });
  }
  return new CobraHelp(style, []).formatHelp(described);
}

/** The originals that leave the layout to cobra name what flags and what commands are given to on lines of their own. */
function groupUsage(commandPath: string, { style, hasFlags }: { readonly style: HelpStyle; readonly hasFlags: boolean }): string {
  if (!hasFlags) return "[command]";
  return style.description === "headed" ? `${style.flagsWord} [command]` : `[flags]\n  ${commandPath} [command]`;
}

function describe(from: CommandDefinition | CommandGroup, commandPath: string): Command {
  const path = commandPath.split(" ");
  const described = new Command(path.join(" ")).helpOption(false).helpCommand(false).summary(from.summary);
  const description = from.description ?? ("flags" in from ? from.summary : undefined);
  if (description !== undefined) described.description(description);
  for (const alias of from.aliases ?? []) described.alias(alias);
  return described;
}

function addFlags(command: Command, flags: FlagSet): void {
  for (const [name, definition] of Object.entries(flags)) {
    const option = new Option(flagHead(name, definition), flagText(definition));
    command.addOption(definition.hidden === true ? option.hideHelp() : option);
  }
}

/** Commander's description of a command, laid out as cobra lays it out: what scripts and completions of the originals read. */
class CobraHelp extends Help {
  private readonly style: HelpStyle;
  private readonly examples: readonly string[];

  constructor(style: HelpStyle, examples: readonly string[]) {
    super();
    this.style = style;
    this.examples = examples;
  }

  override formatHelp(command: Command): string {
    // skopeo's template for commands starts these lines at the margin.
    const lines = (text: string): string => (this.style.description === "plain" && command.commands.length === 0 ? text : indent(text));
    const sections = [
      ...this.descriptions(command),
      section("Usage:", lines([command.name(), command.usage()].filter((part) => part !== "").join(" "))),
      section("Aliases:", command.aliases().length === 0 ? "" : `  ${[command.name().split(" ").at(-1), ...command.aliases()].join(", ")}`),
      section("Examples:", lines(this.examples.join("\n"))),
      section("Available Commands:", this.commandLines(command)),
      section(this.style.flagsHeading, this.optionLines(command)),
    ];
    return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
  }

  private descriptions(command: Command): readonly string[] {
    const text = command.description().trim();
    if (this.style.description === "headed") return [command.summary(), section("Description:", indent(text))];
    if (this.style.description === "plain" || text === "") return [text || command.summary()];
    return [`\n${indent(text)}`];
  }

  private commandLines(command: Command): string {
    const shown = [...this.visibleCommands(command)].sort((one, other) => (one.name() < other.name() ? -1 : 1));
    const width = Math.max(11, ...shown.map((entry) => entry.name().length));
    return shown.map((entry) => `  ${entry.name().padEnd(width)} ${entry.summary()}`).join("\n");
  }

  private optionLines(command: Command): string {
    const shown = [...this.visibleOptions(command)].sort((one, other) => ((one.long ?? "") < (other.long ?? "") ? -1 : 1));
    const heads = shown.map((option) => `  ${option.short === undefined ? "    " : ""}${option.flags}`);
    const width = Math.max(0, ...heads.map((head) => head.length));
    return shown
      .map((option, index) =>
        `${heads[index]?.padEnd(width)}   ${option.description.replaceAll("\n", `\n${" ".repeat(width + 3)}`)}`.trimEnd(),
      )
      .join("\n");
  }
}

function flagHead(name: string, definition: FlagDefinition): string {
  const short = definition.short === undefined ? "" : `-${definition.short}, `;
  return `${short}--${name}${valueLabel(definition)}`;
}

function valueLabel(definition: FlagDefinition): string {
  // As in pflag, a word in backquotes names the value.
  const label = definition.valueName ?? /`([^`]+)`/.exec(definition.description)?.[1];
  switch (definition.type) {
    case "bool":
      return "";
    case "optionalString":
      return ` ${label ?? "string"}[=${JSON.stringify(definition.noValue ?? "")}]`;
    case "stringSlice":
      return ` ${label ?? "strings"}`;
    case "bytes":
      return ` ${label ?? "<number>[<unit>]"}`;
    default:
      return ` ${label ?? definition.type}`;
  }
}

function flagText(definition: FlagDefinition): string {
  const text = definition.description.replaceAll("`", "");
  const shown = defaultText(definition);
  return shown === "" ? text : `${text} (default ${shown})`;
}

function defaultText({ type, configuredDefault, default: unconfigured }: FlagDefinition): string {
  const fallback = configuredDefault?.() ?? unconfigured;
  if (fallback === undefined || fallback === false || fallback === "" || fallback === 0) return "";
  if (Array.isArray(fallback)) return fallback.length === 0 ? "" : `[${fallback.join(",")}]`;
  return type === "string" || type === "optionalString" ? JSON.stringify(fallback) : String(fallback);
}

function section(heading: string, body: string): string {
  return body === "" ? "" : `${heading}\n${body}`;
}

function indent(text: string): string {
  return text.replace(/^(?=\S)/gm, "  ");
}
