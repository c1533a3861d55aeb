import { closeSync, openSync, readFileSync } from "node:fs";
import { writeFully } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { openContext } from "../context/open-context.ts";
import type { BuildOptions, BuildPorts, BuildReport } from "../executor/build-options.ts";
import { buildImage } from "../executor/execute-build.ts";
import type { ImageFormat } from "../working-container/record.ts";
import { UNSUPPORTED_BUILD_FLAGS } from "./flags/build.ts";
import { runSettings } from "./flags/run-environment.ts";
import { type AnyInvocation, platformChoice, pullPolicy, retrySettings, textOption } from "./open-ports.ts";

/** The defaults in which `buildah build` and `podman build` differ. */
export interface BuildDefaults {
  readonly layers: boolean;
  readonly forceRemoveContainers: boolean;
  /** Of a context without a Containerfile. */
  describeMissing?(directory: string): string;
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
  const files = textList(invocation.flags["file"]);
  const context = await openContext(invocation.args[0], files, defaults.describeMissing);
  const log = openLog(invocation);
  try {
    const options = buildOptions(invocation, defaults);
    return await buildImage(log.wrap(await openPorts()), {
      ...options,
      contextDirectory: context.directory,
      containerfiles: context.containerfiles,
    });
  } finally {
    log.close();
    context.close();
  }
}

function buildOptions(invocation: AnyInvocation, defaults: BuildDefaults): Omit<BuildOptions, "contextDirectory" | "containerfiles"> {
  const { flags } = invocation;
  const platform = platformChoice(invocation);
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
    noCache: flags["noCache"] === true,
    squash: flags["squash"] === true,
    pull: pullPolicy(invocation),
    ...(platform === undefined ? {} : { platform }),
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
    quiet: flags["quiet"] === true,
    ...textOption("iidFile", flags["iidfile"]),
    buildContexts: buildContexts(textList(flags["buildContext"])),
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

function buildContexts(entries: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    entries.map((entry): [string, string] => {
      const equals = entry.indexOf("=");
      const value = entry.slice(equals + 1);
      if (equals < 1 || value === "") throw new ToolError("invalid-argument", `while verifying build-context: invalid value ${entry}`);
      if (/^(https?|git):\/\//.test(value))
        throw new ToolError("unsupported", `build context ${entry}: only directories and images are supported`);
      return [entry.slice(0, equals), value.replace(/^(container-image|docker):\/\//, "docker-image://")];
    }),
  );
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

interface BuildLog {
  /** The ports, writing to the log file if there is one. */
  wrap(ports: BuildPorts): BuildPorts;
  close(): void;
}

/** `--logfile`: everything that would be printed goes there instead. */
function openLog(invocation: AnyInvocation): BuildLog {
  const path = invocation.flags["logfile"];
  if (typeof path !== "string" || path === "") return { wrap: (ports) => ports, close: () => undefined };
  const fd = openSync(path, "w", 0o600);
  const empty = openSync("/dev/null", "r");
  return {
    wrap: (ports) => ({ ...ports, stdout: (text) => writeFully(fd, text), stderr: (text) => writeFully(fd, text), stdio: [empty, fd, fd] }),
    close: () => {
      closeSync(fd);
      closeSync(empty);
    },
  };
}
