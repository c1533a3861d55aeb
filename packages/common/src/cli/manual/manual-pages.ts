import type { ProgramDefinition } from "../build-program.ts";
import type { CommandDefinition, CommandGroup, FlagDefinition, FlagSet } from "../define-command.ts";
import { describeEntry } from "../describe-entry.ts";
import { exitStatus } from "./exit-status.ts";
import { bold, italic, roffItem, roffSection, roffText, roffVerbatim } from "./roff.ts";

export interface ManualPage {
  /** `podman-run.1`. */
  readonly name: string;
  readonly text: string;
}

/** A page of section 1 for a program and each of its commands that is not hidden, out of the definitions that the command line is read by. */
export async function manualPages(program: ProgramDefinition): Promise<ManualPage[]> {
  return groupPages(program, program.root, [program.name]);
}

/** What a page is made of, whatever it describes. */
export interface ManualContent {
  readonly path: readonly string[];
  readonly summary: string;
  /** In roff. */
  readonly synopsis: string;
  readonly description: string;
  /** Sections in order; those with an empty body are left out. */
  readonly sections: ReadonlyArray<readonly [heading: string, body: string]>;
  /** Names of other pages. */
  readonly seeAlso: readonly string[];
}

/** A page in the usual order of sections. */
export function manualPage(content: ManualContent): ManualPage {
  const name = content.path.join("-");
  const text = [
    `.TH ${name.toUpperCase().replaceAll("-", "\\-")} 1 "" "${content.path[0]}" "User Commands"\n`,
    roffSection("NAME", `${roffText(name)} \\- ${roffText(content.summary)}`),
    roffSection("SYNOPSIS", content.synopsis),
    roffSection("DESCRIPTION", roffText(content.description.replace(/\s*\n\s*/g, "\n"))),
    ...content.sections.map(([heading, body]) => roffSection(heading, body)),
    roffSection("SEE ALSO", content.seeAlso.map((page) => `${bold(page)}(1)`).join(", ")),
  ];
  return { name: `${name}.1`, text: text.join("") };
}

async function groupPages(program: ProgramDefinition, group: CommandGroup, path: readonly string[]): Promise<ManualPage[]> {
  const entries = Object.entries(group.commands).filter(([, entry]) => !describeEntry(entry).hidden);
  const own = manualPage({
    path,
    summary: group.summary,
    synopsis: `${bold(path.join(" "))} [${italic("options")}] ${italic("command")}`,
    description: group.description ?? group.summary,
    sections: [
      ["OPTIONS", path.length === 1 ? optionItems({ ...program.globalFlags, ...program.leadingFlags }) : ""],
      ["COMMANDS", commandItems(entries)],
      ["EXIT STATUS", exitStatus(program.name, "")],
    ],
    seeAlso: [
      ...path.slice(0, -1).map((_, index) => path.slice(0, index + 1).join("-")),
      ...entries.map(([name]) => [...path, name].join("-")),
    ],
  });
  const pages = [own];
  for (const [name, entry] of entries) {
    const inner = [...path, name];
    for (const alias of describeEntry(entry).aliases) {
      pages.push({ name: `${[...path, alias].join("-")}.1`, text: `.so man1/${inner.join("-")}.1\n` });
    }
    if ("group" in entry) pages.push(...(await groupPages(program, entry.group, inner)));
    else pages.push(commandPage(program, (await entry.load()) as CommandDefinition, inner));
  }
  return pages;
}

function commandPage(program: ProgramDefinition, command: CommandDefinition, path: readonly string[]): ManualPage {
  const options = Object.values(command.flags).some(({ hidden }) => hidden !== true) ? ` [${italic("options")}]` : "";
  const usage = command.usage === undefined ? "" : ` ${italic(command.usage)}`;
  return manualPage({
    path,
    summary: command.summary,
    synopsis: `${bold(path.join(" "))}${options}${usage}`,
    description: command.description ?? command.summary,
    sections: [
      ["OPTIONS", optionItems(command.flags)],
      ["EXIT STATUS", exitStatus(program.name, path.at(-1) ?? "")],
      ["EXAMPLES", roffVerbatim((command.examples ?? []).map((line) => `$ ${line}`))],
    ],
    seeAlso: path.slice(0, -1).map((_, index) => path.slice(0, index + 1).join("-")),
  });
}

function commandItems(entries: ReadonlyArray<readonly [string, CommandGroup["commands"][string]]>): string {
  return entries
    .map(([name, entry]) => {
      const { summary, aliases } = describeEntry(entry);
      const also = aliases.length === 0 ? "" : ` (also ${aliases.join(", ")})`;
      return roffItem(bold(name), `${summary}${also}`);
    })
    .join("\n");
}

function optionItems(flags: FlagSet): string {
  return Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, flag]) => roffItem(optionTerm(name, flag), optionText(flag)))
    .join("\n");
}

function optionTerm(name: string, flag: FlagDefinition): string {
  const short = flag.short === undefined ? "" : `${bold(`-${flag.short}`)}, `;
  if (flag.type === "bool" || flag.type === "count") return `${short}${bold(`--${name}`)}`;
  const value = italic(flag.valueName ?? /`([^`]+)`/.exec(flag.description)?.[1] ?? valueNames[flag.type] ?? flag.type);
  return flag.type === "optionalString" ? `${short}${bold(`--${name}`)}[=${value}]` : `${short}${bold(`--${name}`)}=${value}`;
}

const valueNames: Readonly<Partial<Record<FlagDefinition["type"], string>>> = {
  optionalString: "value",
  int: "number",
  uint: "number",
  float: "number",
  bytes: "number[unit]",
  stringArray: "value",
  stringSlice: "value[,value...]",
};

function optionText(flag: FlagDefinition): string {
  const parts = [sentence(flag.description.replaceAll("`", ""))];
  if (flag.choices !== undefined) parts.push(`One of ${flag.choices.join(", ")}.`);
  if (flag.type === "stringArray" || flag.type === "stringSlice") parts.push("Can be given several times.");
  const fallback = Array.isArray(flag.default) ? flag.default.join(",") : flag.default;
  if (fallback !== undefined && fallback !== false && fallback !== "") parts.push(`The default is ${String(fallback)}.`);
  return parts.join(" ");
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?:]$/.test(first) ? first : `${first}.`;
}
