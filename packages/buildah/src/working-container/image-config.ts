import type { Healthcheck } from "../containerfile/instructions/healthcheck.ts";

/** One entry of an image's history; times are RFC 3339 as stored. */
export interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly emptyLayer: boolean;
}

/** What an image's config says, whichever of the two formats it was stored in. */
export interface ImageConfig {
  readonly created?: string;
  readonly author?: string;
  /** Only Docker's format has it. */
  readonly comment?: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  readonly user: string;
  /** `80/tcp`. */
  readonly exposedPorts: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly volumes: readonly string[];
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string;
  /** From here on only Docker's format keeps the value. */
  readonly hostname: string;
  readonly domainname: string;
  readonly shell: readonly string[];
  readonly onBuild: readonly string[];
  readonly healthcheck?: Healthcheck;
  readonly diffIds: readonly string[];
  readonly history: readonly HistoryEntry[];
}

/** The architecture of this machine under Go's name. */
export function hostArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

/** The config that `FROM scratch` starts with. */
export function scratchConfig(
  platform: { readonly os?: string; readonly architecture?: string; readonly variant?: string } = {},
): ImageConfig {
  return {
    architecture: platform.architecture ?? hostArchitecture(),
    os: platform.os ?? "linux",
    ...(platform.variant === undefined || platform.variant === "" ? {} : { variant: platform.variant }),
    user: "",
    exposedPorts: [],
    env: [],
    entrypoint: [],
    cmd: [],
    volumes: [],
    workingDir: "/",
    labels: {},
    stopSignal: "",
    hostname: "",
    domainname: "",
    shell: [],
    onBuild: [],
    diffIds: [],
    history: [],
  };
}
