import { ToolError } from "@containers/common/errors/tool-error";
import { chompHeredoc } from "../parser/heredocs.ts";
import type { Heredoc } from "../parser/node.ts";
import type { Environment } from "../words/environment.ts";
import { expandHeredoc } from "../words/expand.ts";
import { parseFlags } from "./flags.ts";
import { requireArguments, type Step } from "./step.ts";

export interface CopyInstruction {
  /** Paths or globs relative to the source's root, URLs for ADD; here-documents not included. */
  readonly sources: readonly string[];
  /** Absolute; a trailing `/` or `/.` is kept, because it makes the destination a directory. */
  readonly destination: string;
  /** ADD: archives are unpacked and URLs fetched. */
  readonly add: boolean;
  readonly from?: string;
  readonly chown?: string;
  /** Octal, as written. */
  readonly chmod?: string;
  readonly checksum?: string;
  readonly parents: boolean;
  /** The history notes it; each step of a build with layers has one of its own anyway. */
  readonly link: boolean;
  /** Of a repository that ADD fetches; kept unless the flag says no. */
  readonly keepGitDir: boolean;
  readonly excludes: readonly string[];
  readonly files: ReadonlyArray<{ readonly name: string; readonly data: string }>;
}

const REFUSAL = {
  add: "ADD only supports the --chmod=<permissions>, --chown=<uid:gid>, --checksum=<checksum>, --link, --keep-git-dir, and --exclude=<pattern> flags",
  copy: "COPY only supports the --chmod=<permissions>, --chown=<uid:gid>, --from=<image|stage>, --link, --parents, and --exclude=<pattern> flags",
} as const;

/** ADD and COPY. `environment` is what their flags may use. */
export function parseCopy(step: Step, environment: Environment, workingDir: string): CopyInstruction {
  requireArguments(step, "two or more");
  const add = step.keyword === "add";
  const flags = parseFlags(step.flags, environment, {
    values: ["chown", "chmod", "exclude", ...(add ? ["checksum"] : ["from"])],
    switches: ["link", ...(add ? ["keep-git-dir"] : ["parents"])],
    refusal: add ? REFUSAL.add : REFUSAL.copy,
  });
  const chmod = flags.last("chmod");
  if (chmod !== undefined && !/^[0-7]{1,11}$/.test(chmod))
    throw new ToolError("invalid-argument", `parsing chmod ${JSON.stringify(chmod)}: invalid syntax`);
  const sources = step.args.slice(0, -1);
  return {
    sources: step.heredocs.length === 0 ? sources : sources.filter((source) => !source.startsWith("<<")),
    destination: absoluteDestination(step.args.at(-1) ?? "", workingDir),
    add,
    ...(flags.last("from") === undefined ? {} : { from: flags.last("from") }),
    ...(flags.last("chown") === undefined ? {} : { chown: flags.last("chown") }),
    ...(chmod === undefined ? {} : { chmod }),
    ...(flags.last("checksum") === undefined ? {} : { checksum: flags.last("checksum") }),
    parents: flags.isSet("parents"),
    link: flags.isSet("link"),
    keepGitDir: flags.isSet("keep-git-dir") || !flags.given.some((flag) => flag.name === "keep-git-dir"),
    excludes: flags.all("exclude"),
    files: step.heredocs.map((heredoc) => ({ name: heredoc.name, data: fileBody(heredoc, environment) })),
  };
}

function fileBody(heredoc: Heredoc, environment: Environment): string {
  const content = heredoc.chomp ? chompHeredoc(heredoc.content) : heredoc.content;
  const expanded = heredoc.expand ? expandHeredoc(content, environment) : content;
  return `${expanded.replace(/^\n/, "")}\n`;
}

/** Whether a destination must be a directory by how it is written. */
export function namesDirectory(path: string): boolean {
  return path.endsWith("/") || path.endsWith("/.");
}

/** A relative destination starts at the working directory. */
export function absoluteDestination(destination: string, workingDir: string): string {
  const path = destination === "." ? (namesDirectory(workingDir) ? workingDir : `${workingDir}/`) : destination;
  if (path.startsWith("/")) return path;
  return joinPath(workingDir, path) + (namesDirectory(path) ? "/" : "");
}

/** Joins and cleans below `/`. */
export function joinPath(...parts: readonly string[]): string {
  const cleaned: string[] = [];
  for (const part of parts.join("/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") cleaned.pop();
    else cleaned.push(part);
  }
  return `/${cleaned.join("/")}`;
}
