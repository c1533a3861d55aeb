import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { declareArguments } from "../containerfile/instructions/arg.ts";
import { parseFrom } from "../containerfile/instructions/from.ts";
import { resolveStep } from "../containerfile/instructions/step.ts";
import type { InstructionNode } from "../containerfile/parser/node.ts";
import { lineRange } from "../containerfile/parser/parse.ts";
import type { Environment } from "../containerfile/words/environment.ts";
import { toEnvironment } from "../containerfile/words/environment.ts";
import { expandWord } from "../containerfile/words/expand.ts";
import { argumentEnvironment, newStageArguments, type StageArguments } from "./build-variables.ts";

/** One FROM and what follows it. */
export interface Stage {
  readonly index: number;
  /** The AS name, or the index as text. */
  readonly name: string;
  /** Image name, earlier stage or `scratch`, expanded. */
  readonly base: string;
  readonly platform?: string;
  readonly instructions: readonly InstructionNode[];
  /** ARG words that a stage hands to stages based on it. */
  readonly inheritedArguments: readonly string[];
  /** Stages (by index) whose image or files this one uses. */
  readonly needs: readonly number[];
}

export interface BuildPlan {
  /** Up to and including the target. */
  readonly stages: readonly Stage[];
  /** Indexes that the target needs, itself included. */
  readonly needed: ReadonlySet<number>;
  /** ARG values declared before the first FROM. */
  readonly heading: ReadonlyMap<string, string>;
}

export interface PlanOptions {
  readonly buildArguments: ReadonlyMap<string, string>;
  readonly platformArguments: ReadonlyMap<string, string>;
  /** Name or index of the last stage to build; default the last one. */
  readonly target?: string;
  /** Replaces the base of the first FROM. */
  readonly from?: string;
}

/** Groups instructions into stages and finds out which of them the target needs. Pure; throws invalid-argument. */
export function planStages(instructions: readonly InstructionNode[], options: PlanOptions): BuildPlan {
  const firstFrom = instructions.findIndex((node) => node.keyword === "from");
  const head = firstFrom === -1 ? instructions : instructions.slice(0, firstFrom);
  if (instructions.length === 0) throw new ToolError("invalid-argument", "building: no stages to build");
  const stray = head.find((node) => node.keyword !== "arg");
  if (firstFrom === -1 || stray !== undefined) {
    throw new ToolError(
      "invalid-argument",
      `reading multiple stages: stage 1 requires a FROM instruction (${JSON.stringify(stray?.original ?? "")})`,
    );
  }
  const heading = headingArguments(head, options);
  const environment = fromEnvironment(heading, options);
  const stages: Stage[] = [];
  for (const group of splitStages(instructions.slice(firstFrom))) {
    stages.push(makeStage(group, { before: stages, environment, options }));
  }
  return throughTarget(stages, heading, options.target);
}

function headingArguments(head: readonly InstructionNode[], options: PlanOptions): Map<string, string> {
  const args = newStageArguments({ given: options.buildArguments, heading: new Map(), platform: options.platformArguments });
  for (const [name, value] of options.platformArguments) {
    args.allowed.add(name);
    if (!args.values.has(name)) args.values.set(name, value);
  }
  for (const node of head) declareArguments(resolveStep(node, argumentEnvironment(args)).args, args);
  return new Map([...args.values].filter(([name]) => args.allowed.has(name)));
}

/** Variables that FROM lines may use; what comes first wins. */
function fromEnvironment(heading: ReadonlyMap<string, string>, options: PlanOptions): Environment {
  const given = [...options.buildArguments].filter(([name]) => heading.has(name));
  return [...toEnvironment(new Map(given)), ...toEnvironment(heading), ...toEnvironment(options.platformArguments)];
}

function splitStages(instructions: readonly InstructionNode[]): InstructionNode[][] {
  const groups: InstructionNode[][] = [];
  for (const node of instructions) {
    if (node.keyword === "from") groups.push([node]);
    else groups.at(-1)?.push(node);
  }
  return groups;
}

interface StageSurroundings {
  readonly before: readonly Stage[];
  readonly environment: Environment;
  readonly options: PlanOptions;
}

function makeStage(group: readonly InstructionNode[], around: StageSurroundings): Stage {
  const [fromNode, ...instructions] = group;
  if (fromNode === undefined) throw new ToolError("internal", "a stage without FROM");
  const index = around.before.length;
  const from = parseFromNode(fromNode, around.environment);
  const base = index === 0 ? (around.options.from ?? from.base) : from.base;
  const baseStage = findStage(around.before, base);
  const own = instructions
    .filter((node) => node.keyword === "arg")
    .flatMap((node) => node.args.map((word) => expandWord(word, around.environment)));
  const after = from.after === undefined ? undefined : findStage(around.before, from.after);
  if (from.after !== undefined && after === undefined) {
    throw new ToolError("invalid-argument", `FROM --after=${from.after}: stage ${JSON.stringify(from.after)} not found`);
  }
  const sources = instructions.flatMap((node) => stageReferences(node, [...own, ...around.environment]));
  const used = [baseStage, after, ...sources.map((source) => findStage(around.before, source))];
  return {
    index,
    name: from.stageName ?? String(index),
    base,
    ...(from.platform === undefined ? {} : { platform: from.platform }),
    instructions,
    inheritedArguments: [...(baseStage?.inheritedArguments ?? []), ...own],
    needs: [...new Set(used.flatMap((stage) => (stage === undefined ? [] : [stage.index])))],
  };
}

function parseFromNode(node: InstructionNode, environment: Environment) {
  try {
    return parseFrom(node, environment);
  } catch (error) {
    throw wrapError(`parsing Containerfile ${lineRange(node.startLine, node.endLine)}`, error);
  }
}

/** An earlier stage by name (the latest of that name) or by index. */
export function findStage(stages: readonly Stage[], reference: string): Stage | undefined {
  const byName = stages.findLast((stage) => stage.name.toLowerCase() === reference.toLowerCase());
  if (byName !== undefined) return byName;
  return /^\d+$/.test(reference) ? stages[Number(reference)] : undefined;
}

/** What `COPY --from=` and `RUN --mount=…,from=` name, expanded as far as is known before the build. */
function stageReferences(node: InstructionNode, environment: Environment): string[] {
  const target = node.trigger ?? node;
  if (target.keyword === "run") {
    return target.flags.flatMap((flag) =>
      (flag.startsWith("--mount=") ? flag.slice(8).split(",") : []).flatMap((field) =>
        field.startsWith("from=") ? [expandWord(field.slice(5), environment)] : [],
      ),
    );
  }
  if (target.keyword !== "copy" && target.keyword !== "add") return [];
  return target.flags.flatMap((flag) => (flag.startsWith("--from=") ? [expandWord(flag.slice(7), environment)] : []));
}

function throughTarget(stages: readonly Stage[], heading: ReadonlyMap<string, string>, target: string | undefined): BuildPlan {
  const last = target === undefined || target === "" ? stages.at(-1) : findStage(stages, target);
  if (last === undefined)
    throw new ToolError("invalid-argument", `the target ${JSON.stringify(target)} was not found in the provided Dockerfile`);
  const needed = new Set<number>();
  const visit = (index: number): void => {
    if (needed.has(index)) return;
    needed.add(index);
    for (const other of stages[index]?.needs ?? []) visit(other);
  };
  visit(last.index);
  return { stages: stages.slice(0, last.index + 1), needed, heading };
}

/** A fresh set of arguments for carrying out `stage`. */
export function argumentsForStage(
  stage: Stage,
  stages: readonly Stage[],
  inputs: Pick<StageArguments, "given" | "heading" | "platform">,
): StageArguments {
  const args = newStageArguments(inputs);
  declareArguments(findStage(stages.slice(0, stage.index), stage.base)?.inheritedArguments ?? [], args);
  return args;
}
