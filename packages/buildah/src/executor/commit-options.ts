import type { CommitOptions } from "../commit/commit.ts";
import { nameOf } from "../containerfile/words/environment.ts";
import type { WorkingBase } from "../working-container/create.ts";
import type { ImageConfig } from "../working-container/image-config.ts";
import { IDENTITY_LABEL } from "../working-container/record-json.ts";
import type { BuildOptions } from "./build-options.ts";
import { configOfState, type StageState } from "./stage-state.ts";

export interface StepCommit {
  readonly createdBy: string;
  readonly emptyLayer: boolean;
  readonly squash: boolean;
  readonly names: readonly string[];
  /** The build's last image: annotations of the command line go there. */
  readonly final: boolean;
}

/** Everything a commit needs, from the stage's state and the command line. */
export function commitOptions(base: WorkingBase, state: StageState, options: BuildOptions, step: StepCommit): CommitOptions {
  return {
    config: finalConfig(base.config, state, options, step),
    annotations: finalAnnotations(base.annotations, options, step.final),
    format: options.format,
    createdBy: step.createdBy,
    emptyLayer: step.emptyLayer,
    squash: step.squash,
    omitHistory: options.omitHistory,
    names: step.names,
    ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }),
    ...(options.sourceDateEpoch === undefined ? {} : { sourceDateEpoch: options.sourceDateEpoch }),
    clampTimes: options.rewriteTimestamp,
    createdAnnotation: options.createdAnnotation,
  };
}

function finalConfig(base: ImageConfig, state: StageState, options: BuildOptions, step: StepCommit): ImageConfig {
  const labels = new Map([
    ...(step.names.length === 0 ? pairs(options.layerLabels) : []),
    ...state.labels,
    ...(options.identityLabel ? [[IDENTITY_LABEL.name, IDENTITY_LABEL.value] as const] : []),
  ]);
  for (const name of options.unsetLabels) labels.delete(name);
  const config = configOfState(base, state);
  return {
    ...config,
    env: config.env.filter((entry) => !options.unsetEnv.includes(nameOf(entry))),
    labels: Object.fromEntries(labels),
    ...(options.osVersion === undefined ? {} : { osVersion: options.osVersion }),
    ...(options.osFeatures === undefined || options.osFeatures.length === 0
      ? {}
      : { osFeatures: [...new Set([...(base.osFeatures ?? []), ...options.osFeatures])] }),
  };
}

function finalAnnotations(base: Readonly<Record<string, string>>, options: BuildOptions, final: boolean): Readonly<Record<string, string>> {
  if (!final) return base;
  const annotations = new Map([...(options.inheritAnnotations ? Object.entries(base) : []), ...pairs(options.annotations)]);
  // One that the base image brought says when that was made.
  if (!options.createdAnnotation) annotations.delete("org.opencontainers.image.created");
  for (const name of options.unsetAnnotations) annotations.delete(name);
  return Object.fromEntries(annotations);
}

function pairs(entries: readonly string[]): Array<readonly [string, string]> {
  return entries.map((entry) => {
    const equals = entry.indexOf("=");
    return equals === -1 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
}
