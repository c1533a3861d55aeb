import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, resolve } from "node:path";
import { splitShellWords } from "@containers/common/cli/shell-words";
import { ToolError } from "@containers/common/errors/tool-error";

/** What an image's label is run with. */
export interface RunLabelRequest {
  /** The label's value. */
  readonly command: string;
  /** The image's newest name, or its id without one. */
  readonly image: string;
  /** For the container; by default the image's last word without its tag. */
  readonly name: string;
  /** Words that the user adds. */
  readonly args: readonly string[];
  /** `OPT1` to `OPT3`. */
  readonly options: Readonly<Record<string, string>>;
}

/** The program is podman itself when the label says `podman` or `docker`. */
export interface RunLabelCommand {
  readonly program: string | "podman";
  readonly args: readonly string[];
}

/**
 * The command that a label stands for, as the original makes it: IMAGE and NAME are put in, and of variables OPT1 to OPT3, PWD and HOME; all
 * others are empty.
 * @throws invalid-argument for an open quote or a label without words
 */
export function runLabelCommand(request: RunLabelRequest): RunLabelCommand {
  const [program, ...words] = splitShellWords([request.command, ...request.args].join(" "));
  if (program === undefined) throw new ToolError("invalid-argument", "the label has no command");
  const filled = words.map((word) => replaceMark(replaceMark(word, "NAME", request.name), "IMAGE", request.image));
  const values: Readonly<Record<string, string>> = { ...request.options, PWD: process.cwd(), HOME: homedir() };
  const expanded = filled
    .join(" ")
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => values[braced ?? plain ?? ""] ?? "");
  return { program: substituted(program), args: splitShellWords(expanded) };
}

function replaceMark(word: string, mark: string, value: string): string {
  if (word === mark) return value;
  const named = word.replaceAll(`$${mark}`, value).replaceAll(`\${${mark}}`, value);
  return named.endsWith(`=${mark}`) ? named.replaceAll(`=${mark}`, `=${value}`) : named;
}

function substituted(program: string): string {
  if (program === "podman" || basename(program) === "docker") return "podman";
  const path = resolve(program);
  return program.includes("/") && existsSync(path) ? path : program;
}
