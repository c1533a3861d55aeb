import type { Environment } from "../containerfile/words/environment.ts";
import { hostArchitecture } from "../working-container/image-config.ts";

/** Arguments that every stage may use without an ARG of its own. */
export const PROXY_ARGUMENTS: readonly string[] = [
  "HTTP_PROXY",
  "http_proxy",
  "HTTPS_PROXY",
  "https_proxy",
  "FTP_PROXY",
  "ftp_proxy",
  "NO_PROXY",
  "no_proxy",
];

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** `TARGETPLATFORM` and its kin, for a build on this machine for `target`. */
export function platformArguments(target: Platform): Map<string, string> {
  const host = { os: "linux", architecture: hostArchitecture() };
  return new Map([
    ["TARGETPLATFORM", platformText(target)],
    ["TARGETOS", target.os],
    ["TARGETARCH", target.architecture],
    ["TARGETVARIANT", target.variant ?? ""],
    ["BUILDPLATFORM", platformText(host)],
    ["BUILDOS", host.os],
    ["BUILDARCH", host.architecture],
    ["BUILDVARIANT", ""],
  ]);
}

function platformText(platform: Platform): string {
  const variant = platform.variant === undefined || platform.variant === "" ? "" : `/${platform.variant}`;
  return `${platform.os}/${platform.architecture}${variant}`;
}

/** The build arguments as one stage sees them. */
export interface StageArguments {
  /** Values of `--build-arg` and of ARG instructions seen so far. */
  readonly values: Map<string, string>;
  /** Names that an ARG declared (or that need none): only these can be used. */
  readonly allowed: Set<string>;
  /** From `--build-arg`: they win over every default. */
  readonly given: ReadonlyMap<string, string>;
  /** From ARG instructions before the first FROM: defaults for the same names. */
  readonly heading: ReadonlyMap<string, string>;
  readonly platform: ReadonlyMap<string, string>;
}

/** Arguments for the start of a stage (or of the part before the first FROM). */
export function newStageArguments(inputs: Pick<StageArguments, "given" | "heading" | "platform">): StageArguments {
  return { ...inputs, values: new Map(inputs.given), allowed: new Set(PROXY_ARGUMENTS) };
}

/** The usable arguments as variables. */
export function argumentEnvironment(args: StageArguments): Environment {
  return [...args.values].flatMap(([name, value]) => (args.allowed.has(name) ? [`${name}=${value}`] : []));
}
