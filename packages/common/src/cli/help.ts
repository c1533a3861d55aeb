import type { CommandDefinition, CommandEntry, CommandGroup, FlagDefinition, FlagSet } from "./define-command.ts";

/** Texts that differ from program to program: what the heading of the flags is and how usage lines name them. */
export interface HelpStyle {
  /** `Options:` or `Flags:`. */
  readonly flagsHeading: string;
  /** `[options]` or `[flags]`. */
  readonly flagsWord: string;
}

/** Help of one command, in cobra's layout. */
export function commandHelp(command: CommandDefinition, commandPath: string, style: HelpStyle): string {
  const usage = [commandPath, Object.keys(command.flags).length > 0 ? style.flagsWord : "", command.usage ?? ""].filter(
    (part) => part !== "",
  );
  const sections = [
    command.summary,
    section("Description:", indent(command.description ?? command.summary)),
    section("Usage:", `  ${usage.join(" ")}`),
    aliasSection(command),
    command.examples === undefined || command.examples.length === 0 ? "" : section("Examples:", indent(command.examples.join("\n"))),
    section(style.flagsHeading, flagLines(command.flags)),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

/** Help of a word that only holds subcommands; also the program's own, with its global flags. */
export function groupHelp(group: CommandGroup, commandPath: string, options: { style: HelpStyle; flags?: FlagSet }): string {
  const { style, flags } = options;
  const usage = flags === undefined ? `  ${commandPath} [command]` : `  ${commandPath} ${style.flagsWord} [command]`;
  const sections = [
    group.summary,
    group.description === undefined ? "" : section("Description:", indent(group.description)),
    section("Usage:", usage),
    aliasSection(group),
    section("Available Commands:", commandLines(group)),
    flags === undefined ? "" : section(style.flagsHeading, flagLines(flags)),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

/** What help shows of an entry, whether it is a command or a group. */
export function describeEntry(entry: CommandEntry): { summary: string; aliases: readonly string[]; hidden: boolean } {
  const shown = "group" in entry ? entry.group : entry;
  return { summary: shown.summary, aliases: shown.aliases ?? [], hidden: shown.hidden === true };
}

function aliasSection(named: { readonly name: string; readonly aliases?: readonly string[] }): string {
  if (named.aliases === undefined || named.aliases.length === 0) return "";
  return section("Aliases:", `  ${[named.name, ...named.aliases].join(", ")}`);
}

function commandLines(group: CommandGroup): string {
  const shown = Object.entries(group.commands)
    .map(([name, entry]) => ({ name, ...describeEntry(entry) }))
    .filter((entry) => !entry.hidden)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const width = Math.max(11, ...shown.map(({ name }) => name.length));
  return shown.map(({ name, summary }) => `  ${name.padEnd(width)} ${summary}`).join("\n");
}

function flagLines(flags: FlagSet): string {
  const shown = Object.entries(flags)
    .filter(([, definition]) => definition.hidden !== true)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, definition]) => ({ head: flagHead(name, definition), definition }));
  const width = Math.max(0, ...shown.map(({ head }) => head.length));
  return shown.map(({ head, definition }) => `${head.padEnd(width)}   ${flagText(definition, width)}`.trimEnd()).join("\n");
}

function flagHead(name: string, definition: FlagDefinition): string {
  const short = definition.short === undefined ? "    " : `-${definition.short}, `;
  return `  ${short}--${name}${valueLabel(definition)}`;
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

function flagText(definition: FlagDefinition, width: number): string {
  const text = definition.description.replaceAll("`", "").replaceAll("\n", `\n${" ".repeat(width + 3)}`);
  const shown = defaultText(definition);
  return shown === "" ? text : `${text} (default ${shown})`;
}

function defaultText({ type, default: fallback }: FlagDefinition): string {
  if (fallback === undefined || fallback === false || fallback === "" || fallback === 0) return "";
  if (Array.isArray(fallback)) return fallback.length === 0 ? "" : `[${fallback.join(",")}]`;
  return type === "string" || type === "optionalString" ? JSON.stringify(fallback) : String(fallback);
}

function section(heading: string, body: string): string {
  return body === "" ? "" : `${heading}\n${body}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
