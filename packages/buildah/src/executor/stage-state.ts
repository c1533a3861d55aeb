import type { Healthcheck } from "../containerfile/instructions/healthcheck.ts";
import { type Environment, mergeEnvironment, nameOf } from "../containerfile/words/environment.ts";
import { argumentEnvironment, type StageArguments } from "../plan/build-variables.ts";
import type { ImageConfig } from "../working-container/image-config.ts";

const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The image config as a stage's instructions have changed it so far. */
export interface StageState {
  readonly args: StageArguments;
  /** Of the base image. */
  readonly baseEnv: Environment;
  /** Set by this stage. */
  env: Environment;
  author: string | undefined;
  user: string;
  exposedPorts: ReadonlySet<string>;
  entrypoint: readonly string[];
  cmd: readonly string[];
  /** CMD was given here: then ENTRYPOINT does not reset it. */
  cmdGiven: boolean;
  volumes: ReadonlySet<string>;
  workingDir: string;
  labels: ReadonlyMap<string, string>;
  stopSignal: string;
  shell: readonly string[];
  onBuild: readonly string[];
  healthcheck: Healthcheck | undefined;
  readonly hostname: string;
  readonly domainname: string;
}

/** The state at the start of a stage. ONBUILD triggers of the base are the caller's to carry out: they are not inherited. */
export function startState(
  base: ImageConfig,
  args: StageArguments,
  options: { readonly inheritLabels: boolean; readonly timestamp?: number; readonly sourceDateEpoch?: number },
): StageState {
  const fixedTime = options.timestamp !== undefined || options.sourceDateEpoch !== undefined;
  const hasPath = base.env.some((entry) => entry.startsWith("PATH="));
  return {
    args,
    baseEnv: mergeEnvironment(base.env, []),
    env: hasPath ? [] : [DEFAULT_PATH],
    author: base.author,
    user: base.user,
    exposedPorts: new Set(base.exposedPorts),
    entrypoint: base.entrypoint,
    cmd: base.cmd,
    cmdGiven: false,
    volumes: new Set(base.volumes),
    workingDir: base.workingDir,
    labels: new Map(options.inheritLabels ? Object.entries(base.labels) : []),
    stopSignal: base.stopSignal,
    shell: base.shell,
    onBuild: [],
    healthcheck: base.healthcheck,
    // A build that is to give the same image again must not depend on a container's name.
    hostname: fixedTime ? "sandbox" : base.hostname,
    domainname: fixedTime ? "" : base.domainname,
  };
}

/** Variables for expanding an instruction and for running commands: build arguments, then the image's own on top. */
export function stepEnvironment(state: StageState): Environment {
  return mergeEnvironment(argumentEnvironment(state.args), mergeEnvironment(state.baseEnv, state.env));
}

/** Variables that the flags of an instruction may use. */
export function flagEnvironment(state: StageState): Environment {
  return mergeEnvironment(argumentEnvironment(state.args), mergeEnvironment(state.baseEnv, state.env));
}

/** The image's variables: those of the base that were not set again, then the stage's own. */
export function imageEnvironment(state: StageState): Environment {
  const own = new Set(state.env.map(nameOf));
  return [...state.baseEnv.filter((entry) => !own.has(nameOf(entry))), ...state.env];
}

/** The image's config as the stage has it now. */
export function configOfState(base: ImageConfig, state: StageState): ImageConfig {
  const { healthcheck: _inherited, ...rest } = base;
  return {
    ...rest,
    ...(state.author === undefined ? {} : { author: state.author }),
    user: state.user,
    exposedPorts: [...state.exposedPorts],
    env: imageEnvironment(state),
    entrypoint: state.entrypoint,
    cmd: state.cmd,
    volumes: [...state.volumes],
    workingDir: state.workingDir,
    labels: Object.fromEntries(state.labels),
    stopSignal: state.stopSignal,
    hostname: state.hostname === "" ? base.hostname : state.hostname,
    domainname: state.domainname,
    shell: state.shell,
    onBuild: state.onBuild,
    ...(state.healthcheck === undefined ? {} : { healthcheck: state.healthcheck }),
  };
}
