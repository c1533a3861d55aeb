import { existsSync, readFileSync } from "node:fs";
import { defineFlags, type Invocation, type Output } from "@containers/common/cli/define-command";
import { exitCodeFor } from "@containers/common/cli/exit-codes";
import { printedError, ToolError } from "@containers/common/errors/tool-error";
import type { ContainerFinder } from "../../../containers/listing/finder.ts";
import type { TargetReport } from "../../../containers/options.ts";
import type { Engine } from "../../../engine/engine.ts";
import { localEngine } from "../../on-side.ts";

/** The engine as the command's global flags want it; its parts open when they are used. */
export function engineFor<V>(invocation: Invocation<V>): Engine {
  return localEngine(invocation);
}

export const latestFlag = defineFlags({ latest: { type: "bool", short: "l", description: "Act on the container created last" } });

/** Flags of the commands that choose containers otherwise than by name. */
export const chooseFlags = defineFlags({
  ...latestFlag,
  all: { type: "bool", short: "a", description: "Act on all containers" },
  cidfile: { type: "stringArray", description: "Read the container's id from a file" },
});

export const filterFlag = defineFlags({
  filter: { type: "stringArray", short: "f", description: "Act on the containers that fit (key=value)" },
});

/** What of the flags above was given, and the names. */
export interface Choice {
  readonly args: readonly string[];
  readonly latest?: boolean;
  readonly all?: boolean;
  readonly cidfile?: readonly string[];
  readonly filter?: readonly string[];
  /** Of `--all` and `--filter`: only containers that stand so. */
  readonly statuses?: readonly string[];
  /** A missing id file is no error. */
  readonly ignore?: boolean;
  /** Filters beside names: only those of the named that fit; an error otherwise. */
  readonly filtersArguments?: boolean;
  /** What is said when nothing is chosen. */
  readonly missing?: string;
}

const NOTHING_NAMED = "you must provide at least one name or id";

/**
 * The containers that a command is to act on, as references.
 * @throws ToolError invalid-argument when none or more than one way of choosing was used
 */
export function chooseContainers(engine: Engine, choice: Choice): Promise<readonly string[]> {
  return chooseFrom(engineFinder(engine), choice);
}

/** As {@link chooseContainers}, wherever the containers are. */
export async function chooseFrom(finder: ContainerFinder, choice: Choice): Promise<readonly string[]> {
  const { args, latest = false, all = false, cidfile = [], filter = [] } = choice;
  const named = args.length > 0 || cidfile.length > 0;
  if (all && latest) throw new ToolError("invalid-argument", "--all and --latest cannot be used together");
  if (cidfile.length > 0 && (all || latest))
    throw new ToolError("invalid-argument", "--all, --latest, and --cidfile cannot be used together");
  requireNoArguments(args, { all, latest });
  if (args.length > 0 && cidfile.length > 0) throw new ToolError("invalid-argument", "no arguments are needed with --latest or --cidfile");
  if (filter.length > 0 && args.length > 0 && choice.filtersArguments !== true)
    throw new ToolError("invalid-argument", "--filter takes no arguments");
  if (latest) return [(await finder.latest()) ?? noContainers()];
  if (!all && filter.length === 0) {
    if (!named) throw new ToolError("invalid-argument", choice.missing ?? NOTHING_NAMED);
    return [...args, ...cidfile.flatMap((path) => idsInFile(path, choice.ignore === true))];
  }
  const listed = await finder.list(parseFilters(filter));
  const fitting = choice.statuses === undefined ? listed : listed.filter(({ shownStatus }) => choice.statuses?.includes(shownStatus));
  if (!named) return fitting.map(({ id }) => id);
  const ids = new Set(fitting.map(({ id }) => id));
  const known = await Promise.all(args.map(async (reference) => ids.has((await finder.idOf(reference)) ?? "")));
  return args.filter((_, at) => known[at]);
}

/** Looks containers up on this machine. */
export function engineFinder(engine: Engine): ContainerFinder {
  return {
    latest: async () => latestContainer(engine),
    list: async (filters) => {
      const { listContainers } = await import("../../../containers/listing/list.ts");
      return listContainers(engine, { all: true, filters });
    },
    idOf: async (reference) => engine.state.containers.resolve(reference)?.config.id,
  };
}

/** @throws invalid-argument for `--time` where nothing is stopped */
export function requireForce(flags: { readonly force: boolean; readonly time: number | undefined }): void {
  if (flags.time !== undefined && !flags.force)
    throw new ToolError("invalid-argument", "--force option must be specified to use the --time option");
}

/** @throws invalid-argument when containers or pods are named beside `--all` or `--latest` */
export function requireNoArguments(args: readonly string[], chosen: { readonly all?: boolean; readonly latest?: boolean }): void {
  if (args.length === 0) return;
  if (chosen.all === true) throw new ToolError("invalid-argument", "no arguments are needed with --all");
  if (chosen.latest === true) throw new ToolError("invalid-argument", "--latest and containers cannot be used together");
}

/** Names to inspect: the arguments, unless the latest is wanted. @throws invalid-argument for both or neither */
export function inspectedNames(args: readonly string[], latest: boolean): readonly string[] {
  if (latest && args.length > 0) throw new ToolError("invalid-argument", "--latest and arguments cannot be used together");
  if (!latest && args.length === 0) throw new ToolError("invalid-argument", "no names or ids specified");
  return args;
}

/** One container: the argument, or the latest. `missing` is said when there is neither. */
export function oneContainer(
  engine: Engine,
  args: readonly string[],
  choice: { readonly latest: boolean; readonly missing?: string },
): string {
  if (!choice.latest) return oneReference(args, choice.missing);
  requireNoArguments(args, choice);
  return latestContainer(engine);
}

/** What is said where neither a container nor `--latest` stands. */
export function latestMissing(commandPath: string): string {
  return `${JSON.stringify(commandPath)} requires a name, id, or the "--latest" flag`;
}

/** The only argument. */
export function oneReference([reference]: readonly string[], missing = NOTHING_NAMED): string {
  if (reference === undefined) throw new ToolError("invalid-argument", missing);
  return reference;
}

/** @throws not-found when there is no container at all */
export function latestContainer(engine: Engine): string {
  const last = engine.state.containers
    .list()
    .filter(({ status }) => status !== "creating")
    .at(-1);
  return last?.id ?? noContainers();
}

function noContainers(): never {
  throw new ToolError("not-found", "no containers exist: no such container");
}

/** `key=value` texts by key; `key!=value` keeps the `!` in the key. */
export function parseFilters(texts: readonly string[]): Record<string, string[]> {
  const filters: Record<string, string[]> = {};
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals < 0) throw new ToolError("invalid-argument", `invalid filter ${JSON.stringify(text)}`);
    (filters[text.slice(0, equals)] ??= []).push(text.slice(equals + 1));
  }
  return filters;
}

/** Prints each target that was dealt with as the user named it, and each error. The exit code is that of the worst. */
export function printReports(
  reports: readonly TargetReport[],
  out: Output,
  shown: (report: TargetReport) => string = ({ reference }) => reference,
): number {
  for (const report of reports) if (report.error === undefined) out.stdout(`${shown(report)}\n`);
  return printErrors(reports, out);
}

/** The errors alone; 0 when there is none. */
function printErrors(reports: readonly TargetReport[], out: Output): number {
  const failed = reports.flatMap(({ error }) => (error === undefined ? [] : [error]));
  for (const error of failed) out.stderr(`Error: ${printedError(error)}\n`);
  const codes = failed.map((error) => exitCodeFor("podman", error));
  return codes.includes(125) ? 125 : Math.max(0, ...codes);
}

function idsInFile(path: string, ignore: boolean): string[] {
  if (ignore && !existsSync(path)) return [];
  return [readIdFile(path)];
}

/** The id that a container was made with `--cidfile`. @throws invalid-argument when it cannot be read */
export function readIdFile(path: string): string {
  try {
    return readFileSync(path, "utf8").split("\n")[0] ?? "";
  } catch {
    throw new ToolError("invalid-argument", `reading CIDFile: open ${path}: no such file or directory`);
  }
}
