import { ToolError } from "@containers/common/errors/tool-error";
import type { Heredoc, InstructionNode } from "../parser/node.ts";
import type { Environment } from "../words/environment.ts";
import { expandWord, expandWords } from "../words/expand.ts";

/** An instruction whose arguments were expanded and that is about to be carried out. */
export interface Step {
  readonly keyword: string;
  readonly args: readonly string[];
  /** Not expanded yet: only the instructions that have flags do so, with their own variables. */
  readonly flags: readonly string[];
  readonly json: boolean;
  readonly heredocs: readonly Heredoc[];
  readonly original: string;
  /** The instruction as error messages show it. */
  readonly message: string;
  /** The variables it was expanded with; RUN starts its command with them. */
  readonly environment: Environment;
}

const EXPANDED = new Set(["env", "label", "add", "copy", "workdir", "expose", "volume", "user", "stopsignal", "arg"]);

/** Expands the arguments of an instruction, for the keywords where the format asks for it. */
export function resolveStep(node: InstructionNode, environment: Environment): Step {
  const words = node.trigger === undefined ? node.args : node.trigger.args;
  const expanded = EXPANDED.has(node.keyword)
    ? words.flatMap((word) => (node.keyword === "expose" ? expandWords(word, environment) : [expandWord(word, environment)]))
    : words;
  return {
    keyword: node.keyword,
    args: node.trigger === undefined ? expanded : [node.trigger.keyword, ...expanded],
    flags: node.flags,
    json: node.json,
    heredocs: node.heredocs,
    original: node.original,
    message: stepMessage(node),
    environment,
  };
}

function stepMessage(node: InstructionNode): string {
  const head = [node.keyword.toUpperCase(), ...node.flags];
  if (node.trigger === undefined) return [...head, ...(node.args.length === 0 ? [""] : node.args)].join(" ");
  return [...head, node.trigger.keyword, ...node.trigger.flags, ...node.trigger.args].join(" ");
}

/** The command of RUN, CMD, ENTRYPOINT, SHELL: the array as it stands, or the text as one word. */
export function commandWords(step: Pick<Step, "args" | "json">): readonly string[] {
  if (step.args.length === 0 || step.json) return step.args;
  return [step.args.join(" ")];
}

/** Refuses anything but exactly `count` arguments. */
export function requireArguments(step: Step, count: "one or more" | "exactly one" | "two or more"): void {
  const name = step.keyword.toUpperCase();
  const given = step.args.length;
  if (count === "exactly one" && given !== 1) throw new ToolError("invalid-argument", `${name} requires exactly one argument`);
  if (count === "one or more" && given === 0) throw new ToolError("invalid-argument", `${name} requires at least one argument`);
  if (count === "two or more" && given < 2) throw new ToolError("invalid-argument", `${name} requires at least two arguments`);
}
