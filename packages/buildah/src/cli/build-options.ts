import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { parseCacheRepositories } from "../cache/remote.ts";
import { parseGoDuration } from "../containerfile/instructions/healthcheck.ts";
import { type ContextOptions, openContext, openUrlContext } from "../context/open-context.ts";
import type { BuildOptions, BuildPorts, BuildReport } from "../executor/build-options.ts";
import { parseBuildOutput } from "../executor/build-output.ts";
import { buildForPlatforms } from "../executor/build-platforms.ts";
import { sbomScan } from "../sbom/options.ts";
import type { ImageFormat } from "../working-container/record.ts";
import { openBuildLog, openUsageLog } from "./build-log.ts";
import { UNSUPPORTED_BUILD_FLAGS } from "./flags/build.ts";
import { type AnyInvocation, platformChoices, pullPolicy, retrySettings, textOption } from "./open-ports.ts";
import { runSettings } from "./run-settings.ts";

/** The defaults in which `buildah build` and `podman build` differ. */
export interface BuildDefaults {
  readonly layers: boolean;
  readonly forceRemoveContainers: boolean;
  /** Of a context without a Containerfile, of a context and of a Containerfile that are not there. */
  readonly words?: Pick<ContextOptions, "describeMissing" | "describeNoContext" | "describeNoFile">;
}

/** `build` from flags to the image: what both programs' commands do. */
export async function runBuildCommand(
  invocation: AnyInvocation,
  openPorts: () => Promise<BuildPorts>,
  defaults: BuildDefaults,
): Promise<BuildReport> {
  const refused = UNSUPPORTED_BUILD_FLAGS.find((flag) => invocation.given(flag));
  if (refused !== undefined) throw new ToolError("unsupported", `--${refused} is not supported by this version`);
  if (invocation.args.length > 1) throw new ToolError("invalid-argument", "no more than one positional argument is accepted: the context");
  const options = buildOptions(invocation, defaults);
  const files = textList(invocation.flags["file"]);
  const log = openBuildLog(invocation);
  const closers: Array<() => void> = [() => log.close()];
  try {
    const context = await openContext(invocation.args[0], files, {
      ...defaults.words,
      cppFlags: textList(invocation.flags["cppFlag"]),
      warn: (message) => invocation.out.stderr(message),
    });
    closers.push(() => context.close());
    const buildContexts = await openBuildContexts(textList(invocation.flags["buildContext"]), closers);
    const { directory: contextDirectory, containerfiles } = context;
    const whole = {
      ...options,
      ...sbomOption(invocation, contextDirectory, buildContexts),
      buildContexts,
      contextDirectory,
      containerfiles,
    };
    const ports = log.wrap(await openPorts());
    const usage = openUsageLog(invocation, ports);
    closers.push(() => usage.close());
    const told = { ...whole, ...(usage.write === undefined ? {} : { logUsage: usage.write }) };
    return await buildForPlatforms(invocation.flags["stdin"] === true ? withStdin(ports) : ports, told, {
      platforms: platformChoices(invocation),
      allPlatforms: invocation.flags["allPlatforms"] === true,
      ...textOption("manifest", invocation.flags["manifest"]),
      jobs: jobsOf(invocation.flags["jobs"]),
      portsFor: (own, platform) => log.forPlatform(own, platform),
    });
  } finally {
    for (const close of closers.reverse()) close();
  }
}

function jobsOf(value: unknown): number {
  const jobs = typeof value === "number" ? value : 1;
  if (jobs < 0) throw new ToolError("invalid-argument", "building: invalid value for jobs.  It must be a positive integer");
  return jobs;
}

/** Scanners may look at the contexts that are directories, too. */
function sbomOption(
  { flags, given, ...invocation }: AnyInvocation,
  directory: string,
  buildContexts: ReadonlyMap<string, string>,
): Pick<BuildOptions, "sbom"> {
  const contexts = [directory, ...[...buildContexts.values()].filter((place) => !place.startsWith("docker-image://"))];
  const sbom = sbomScan(flags, given, { pull: pullPolicy({ flags, given, ...invocation }), contexts });
  return sbom === undefined ? {} : { sbom };
}

/** `--stdin`: commands read what this program was given. */
function withStdin(ports: BuildPorts): BuildPorts {
  const [, stdout, stderr] = ports.stdio ?? [0, 1, 2];
  return { ...ports, stdio: [0, stdout, stderr] };
}

function buildOptions(
  invocation: AnyInvocation,
  defaults: BuildDefaults,
): Omit<BuildOptions, "contextDirectory" | "containerfiles" | "buildContexts"> {
  const { flags } = invocation;
  checkCombinations(invocation, defaults);
  const ttl = cacheLifetime(flags["cacheTtl"]);
  const outputs = textList(flags["output"]).map(parseBuildOutput);
  const timestamp = seconds("timestamp", flags["timestamp"]);
  const epoch = seconds("source-date-epoch", flags["sourceDateEpoch"] || process.env["SOURCE_DATE_EPOCH"]);
  if (timestamp !== undefined && invocation.given("source-date-epoch"))
    throw new ToolError("invalid-argument", "timestamp and source-date-epoch would be ambiguous if allowed together");
  return {
    ...textOption("ignoreFile", flags["ignorefile"]),
    tags: textList(flags["tag"]),
    ...textOption("target", flags["target"]),
    ...textOption("from", flags["from"]),
    buildArguments: buildArguments(flags),
    layers: layersSetting(invocation, defaults),
    noCache: flags["noCache"] === true || ttl === 0,
    cacheFrom: parseCacheRepositories("cache-from", textList(flags["cacheFrom"])),
    cacheTo: parseCacheRepositories("cache-to", textList(flags["cacheTo"])),
    ...(ttl === undefined || ttl === 0 ? {} : { cacheTtl: ttl }),
    compatVolumes: flags["compatVolumes"] === true,
    squash: flags["squash"] === true,
    pull: pullPolicy(invocation),
    ...textOption("osVersion", flags["osVersion"]),
    osFeatures: textList(typeof flags["osFeature"] === "string" ? flags["osFeature"].split(",") : []),
    outputs,
    format: imageFormat(flags["format"]),
    labels: textList(flags["label"]),
    layerLabels: textList(flags["layerLabel"]),
    unsetLabels: textList(flags["unsetlabel"]),
    annotations: textList(flags["annotation"]),
    unsetAnnotations: textList(flags["unsetannotation"]),
    env: textList(flags["env"]).flatMap(environmentEntry),
    unsetEnv: textList(flags["unsetenv"]),
    inheritLabels: flags["inheritLabels"] !== false,
    inheritAnnotations: flags["inheritAnnotations"] !== false,
    identityLabel: flags["identityLabel"] !== false,
    createdAnnotation: flags["createdAnnotation"] !== false,
    omitHistory: flags["omitHistory"] === true,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(epoch === undefined || timestamp !== undefined ? {} : { sourceDateEpoch: epoch }),
    rewriteTimestamp: flags["rewriteTimestamp"] === true,
    skipUnusedStages: flags["skipUnusedStages"] !== false,
    removeContainers: flags["rm"] !== false,
    forceRemoveContainers: flags["forceRm"] === undefined ? defaults.forceRemoveContainers : flags["forceRm"] === true,
    // A tar on standard output stands alone there.
    quiet: flags["quiet"] === true || outputs.some((output) => output.type === "stdout"),
    ...textOption("iidFile", flags["iidfile"]),
    ...textOption("signBy", flags["signBy"]),
    ...retrySettings(invocation),
    run: runSettings(invocation),
  };
}

/** `oci` or `docker`, under all the names that the original takes. */
export function imageFormat(value: unknown): ImageFormat {
  const text = typeof value === "string" && value !== "" ? value : (process.env["BUILDAH_FORMAT"] ?? "oci");
  if (["oci", "ociv1", "application/vnd.oci.image.manifest.v1+json"].includes(text)) return "oci";
  if (["docker", "dockerv2", "v2s2", "application/vnd.docker.distribution.manifest.v2+json"].includes(text)) return "docker";
  throw new ToolError("invalid-argument", `unrecognized image type ${JSON.stringify(text)}`);
}

function layersSetting(invocation: AnyInvocation, defaults: BuildDefaults): boolean {
  if (invocation.given("layers")) return invocation.flags["layers"] === true;
  const variable = process.env["BUILDAH_LAYERS"];
  return variable === undefined || variable === "" ? defaults.layers : /^(true|1)$/i.test(variable);
}

/** `--build-arg NAME=value`, or `NAME` for the value in this process's environment; files of them come first. */
function buildArguments(flags: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const add = (text: string): void => {
    const equals = text.indexOf("=");
    const name = equals === -1 ? text : text.slice(0, equals);
    if (equals !== -1) values.set(name, text.slice(equals + 1));
    else if (process.env[name] === undefined) values.delete(name);
    else values.set(name, process.env[name] ?? "");
  };
  for (const file of textList(flags["buildArgFile"])) {
    for (const line of readFileSync(file, "utf8").split("\n")) if (line.trim() !== "" && !line.startsWith("#")) add(line);
  }
  for (const text of textList(flags["buildArg"])) add(text);
  return values;
}

/** `NAME=VALUE`: an image, a directory, or the URL of an archive or repository, which is fetched. */
async function openBuildContexts(entries: readonly string[], closers: Array<() => void>): Promise<ReadonlyMap<string, string>> {
  const contexts = new Map<string, string>();
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals < 1) {
      const shown = entry
        .split(/=([^]*)/, 2)
        .map((part) => JSON.stringify(part))
        .join(" ");
      throw new ToolError("invalid-argument", `while parsing additional build context: [${shown}], accepts value in the form of key=value`);
    }
    const name = entry.slice(0, equals);
    const value = entry.slice(equals + 1);
    if (value === "") throw new ToolError("invalid-argument", "while parsing additional build context: invalid pathname");
    if (/^(docker-image|container-image|docker):\/\//.test(value)) {
      contexts.set(name, value.replace(/^(container-image|docker):\/\//, "docker-image://"));
      continue;
    }
    const fetched = await openUrlContext(value);
    if (fetched !== undefined) closers.push(() => fetched.close());
    contexts.set(name, fetched?.directory ?? resolve(value));
  }
  return contexts;
}

function checkCombinations(invocation: AnyInvocation, defaults: BuildDefaults): void {
  const { flags, given } = invocation;
  if (!defaults.layers && (given("rm") || given("force-rm")) && !given("layers") && !given("no-cache"))
    throw new ToolError("invalid-argument", "'rm' and 'force-rm' can only be set with either 'layers' or 'no-cache'");
  const refuse = (message: string): never => {
    throw new ToolError("invalid-argument", message);
  };
  if (flags["network"] === "none") {
    const dns = ["dns", "dns-option", "dns-search"].find((flag) => given(flag));
    if (dns !== undefined) refuse(`the --${dns} option cannot be used with --network=none`);
  }
  if (given("network") && flags["isolation"] === "chroot" && flags["network"] !== "host")
    refuse("cannot set --network other than host with --isolation chroot");
  if (given("tag") && given("manifest") && textList(flags["tag"]).slice(1).includes(String(flags["manifest"])))
    refuse("the same name must not be specified for both '--tag' and '--manifest'");
  if (given("logsplit") && !given("logfile")) refuse("cannot use --logsplit without --logfile");
  if (typeof flags["retryDelay"] === "string" && flags["retryDelay"] !== "" && parseGoDuration(flags["retryDelay"]) === undefined) {
    const value = JSON.stringify(flags["retryDelay"]);
    refuse(`unable to parse value provided ${value} as --retry-delay: time: invalid duration ${value}`);
  }
  const severalImages = platformChoices(invocation).length > 1 || flags["allPlatforms"] === true;
  if (severalImages && given("iidfile"))
    refuse(`building multiple images, but iidfile ${JSON.stringify(flags["iidfile"])} can only be used to store one image ID`);
}

/** Milliseconds. */
function cacheLifetime(value: unknown): number | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const nanoseconds = parseGoDuration(value);
  if (nanoseconds === undefined) {
    const quoted = JSON.stringify(value);
    throw new ToolError("invalid-argument", `unable to parse value provided ${quoted} as --cache-ttl: time: invalid duration ${quoted}`);
  }
  return nanoseconds / 1e6;
}

function environmentEntry(text: string): string[] {
  if (text.includes("=")) return [text];
  const value = process.env[text];
  return value === undefined ? [] : [`${text}=${value}`];
}

function seconds(name: string, value: unknown): number | undefined {
  if (value === undefined || value === "") return undefined;
  const number = Number(value);
  if (!Number.isInteger(number))
    throw new ToolError("invalid-argument", `invalid value ${JSON.stringify(value)} for --${name}: seconds since 1970 are expected`);
  return number;
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
