import { readFileSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { resolveStep } from "../containerfile/instructions/step.ts";
import type { InstructionNode } from "../containerfile/parser/node.ts";
import { parseContainerfile } from "../containerfile/parser/parse.ts";
import { mergeEnvironment } from "../containerfile/words/environment.ts";
import { configOfState, startState, stepEnvironment } from "../executor/stage-state.ts";
import { applyConfigStep } from "../executor/steps/config.ts";
import { newStageArguments } from "../plan/build-variables.ts";
import type { ImageConfig } from "../working-container/image-config.ts";
import { parseImageConfig } from "../working-container/read-config.ts";

const NO_ARGUMENTS = { given: new Map(), heading: new Map(), platform: new Map() };

/**
 * The config with what `--config FILE` (JSON of a Docker config) and `--change INSTRUCTION` set: lists and maps are added to, single values
 * replaced, command and entry point taken together.
 *
 * @throws invalid-argument for an instruction that is more than configuration; not-found
 */
export function overrideConfig(config: ImageConfig, given: { readonly file?: string; readonly changes: readonly string[] }): ImageConfig {
  if (given.file === undefined && given.changes.length === 0) return config;
  const base = emptyConfig(config, given.file === undefined ? {} : readConfigFile(given.file));
  const wanted = applyInstructions(base, given.changes);
  const command = wanted.entrypoint.length > 0 || wanted.cmd.length > 0;
  return {
    ...config,
    user: wanted.user || config.user,
    exposedPorts: [...new Set([...config.exposedPorts, ...wanted.exposedPorts])],
    env: mergeEnvironment(config.env, wanted.env),
    entrypoint: command ? wanted.entrypoint : config.entrypoint,
    cmd: command ? wanted.cmd : config.cmd,
    volumes: [...new Set([...config.volumes, ...wanted.volumes])],
    workingDir: wanted.workingDir || config.workingDir,
    labels: { ...config.labels, ...wanted.labels },
    stopSignal: wanted.stopSignal || config.stopSignal,
    hostname: wanted.hostname || config.hostname,
    domainname: wanted.domainname || config.domainname,
    shell: wanted.shell.length > 0 ? wanted.shell : config.shell,
    onBuild: [...config.onBuild, ...wanted.onBuild],
    ...(wanted.healthcheck === undefined ? {} : { healthcheck: wanted.healthcheck }),
  };
}

function emptyConfig(config: ImageConfig, fields: unknown): ImageConfig {
  const image = { architecture: config.architecture, os: config.os, config: fields, rootfs: { type: "layers", diff_ids: [] } };
  return parseImageConfig(Buffer.from(JSON.stringify(image)), "override");
}

function readConfigFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw wrapError("reading configuration blob from file", error);
  }
}

function applyInstructions(base: ImageConfig, changes: readonly string[]): ImageConfig {
  const state = startState({ ...base, env: ["PATH=", ...base.env] }, newStageArguments(NO_ARGUMENTS), { inheritLabels: true });
  state.onBuild = base.onBuild;
  for (const node of changes.flatMap(parseChange)) {
    const understood = applyConfigStep(state, resolveStep(node, stepEnvironment(state)));
    if (!understood) throw notUnderstood(node.original);
  }
  const changed = configOfState(base, state);
  return { ...changed, env: changed.env.filter((entry) => entry !== "PATH=") };
}

function parseChange(change: string): readonly InstructionNode[] {
  try {
    return parseContainerfile(change).instructions;
  } catch (error) {
    if (error instanceof Error && /unknown instruction/i.test(String(error.cause))) throw notUnderstood(change);
    throw wrapError(`parsing change set ${change}`, error);
  }
}

function notUnderstood(change: string): ToolError {
  const quoted = JSON.stringify(change);
  return new ToolError(
    "invalid-argument",
    `applying changes: processing change ${quoted}: did not understand change instruction ${quoted}`,
  );
}
