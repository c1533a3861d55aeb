import { posix } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { signalNumber } from "@containers/common/sys/signals";
import { declareArguments } from "../../containerfile/instructions/arg.ts";
import { parseHealthcheck } from "../../containerfile/instructions/healthcheck.ts";
import { commandWords, requireArguments, type Step } from "../../containerfile/instructions/step.ts";
import { mergeEnvironment } from "../../containerfile/words/environment.ts";
import type { StageState } from "../stage-state.ts";

type ConfigStep = (state: StageState, step: Step) => void;

/** The instructions that change nothing but the image's config. */
const steps: Readonly<Record<string, ConfigStep>> = {
  arg: (state, step) => {
    requireArguments(step, "one or more");
    declareArguments(step.args, state.args);
  },
  cmd,
  entrypoint,
  env,
  expose,
  healthcheck: (state, step) => {
    state.healthcheck = parseHealthcheck(step);
  },
  label,
  maintainer: (state, step) => {
    requireArguments(step, "exactly one");
    state.author = step.args[0];
  },
  onbuild,
  shell,
  stopsignal,
  user: (state, step) => {
    requireArguments(step, "exactly one");
    state.user = step.args[0] ?? "";
  },
  volume,
  workdir,
};

/** Carries out a config instruction; false when the keyword is none of them. Throws invalid-argument. */
export function applyConfigStep(state: StageState, step: Step): boolean {
  const apply = Object.hasOwn(steps, step.keyword) ? steps[step.keyword] : undefined;
  apply?.(state, step);
  return apply !== undefined;
}

function cmd(state: StageState, step: Step): void {
  const words = commandWords(step);
  state.cmd = step.json ? words : ["/bin/sh", "-c", ...words];
  if (step.args.length > 0) state.cmdGiven = true;
}

function entrypoint(state: StageState, step: Step): void {
  const words = commandWords(step);
  state.entrypoint = step.json || words.length === 0 ? words : ["/bin/sh", "-c", ...words];
  if (!state.cmdGiven) state.cmd = [];
}

function env(state: StageState, step: Step): void {
  requireArguments(step, "one or more");
  const entries = pairs(step.args).map(([name, value]) => `${name}=${value}`);
  state.env = mergeEnvironment(state.env, entries);
}

function label(state: StageState, step: Step): void {
  requireArguments(step, "one or more");
  state.labels = new Map([...state.labels, ...pairs(step.args)]);
}

function expose(state: StageState, step: Step): void {
  requireArguments(step, "one or more");
  const ports = step.args.map((text) => {
    const [port = "", protocol = "tcp"] = text.split("/");
    return `${port}/${protocol}`;
  });
  state.exposedPorts = new Set([...state.exposedPorts, ...ports]);
}

function onbuild(state: StageState, step: Step): void {
  requireArguments(step, "one or more");
  const trigger = (step.args[0] ?? "").toUpperCase();
  if (trigger === "ONBUILD") throw new ToolError("invalid-argument", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger === "MAINTAINER" || trigger === "FROM")
    throw new ToolError("invalid-argument", `${trigger} isn't allowed as an ONBUILD trigger`);
  state.onBuild = [...state.onBuild, step.original.replace(/^\s*ONBUILD\s*/i, "")];
}

function shell(state: StageState, step: Step): void {
  const words = commandWords(step);
  if (words.length === 0) throw new ToolError("invalid-argument", "SHELL requires at least one argument");
  if (!step.json) throw new ToolError("invalid-argument", "SHELL requires the arguments to be in JSON form");
  state.shell = words;
}

function stopsignal(state: StageState, step: Step): void {
  requireArguments(step, "exactly one");
  const name = step.args[0] ?? "";
  if (signalNumber(name) === undefined) throw new ToolError("invalid-argument", `Invalid signal: ${name}`);
  state.stopSignal = name;
}

function volume(state: StageState, step: Step): void {
  requireArguments(step, "one or more");
  const paths = step.args.map((path) => path.trim());
  if (paths.includes("")) throw new ToolError("invalid-argument", "Volume specified can not be an empty string");
  state.volumes = new Set([...state.volumes, ...paths]);
}

function workdir(state: StageState, step: Step): void {
  requireArguments(step, "exactly one");
  const path = step.args[0] ?? "";
  const absolute = posix.isAbsolute(path) ? path : posix.join("/", state.workingDir, path);
  state.workingDir = absolute === "/" ? absolute : absolute.replace(/\/$/, "");
}

function pairs(words: readonly string[]): Array<readonly [string, string]> {
  if (words.length % 2 !== 0) throw new ToolError("invalid-argument", "names and values do not pair up");
  return Array.from({ length: words.length / 2 }, (_, index) => [words[index * 2] ?? "", words[index * 2 + 1] ?? ""] as const);
}
