import { ToolError } from "@containers/common/errors/tool-error";
import { type Healthcheck, parseGoDuration } from "../containerfile/instructions/healthcheck.ts";
import { splitQuotedWords } from "../containerfile/parser/words-of-line.ts";
import { nameOf } from "../containerfile/words/environment.ts";
import { expandWord } from "../containerfile/words/expand.ts";
import { timestampNow } from "../executor/clock.ts";
import type { HistoryEntry, ImageConfig } from "./image-config.ts";
import type { WorkingContainer } from "./record.ts";

/** What `buildah config` is to change; undefined leaves a value as it is, empty clears it. */
export interface ConfigChanges {
  readonly addHistory: boolean;
  readonly annotations: readonly string[];
  readonly unsetAnnotations: readonly string[];
  readonly labels: readonly string[];
  readonly unsetLabels: readonly string[];
  /** `NAME=value`; a trailing `-` on a bare name removes it. */
  readonly env: readonly string[];
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly onBuild: readonly string[];
  readonly architecture: string | undefined;
  readonly author: string | undefined;
  /** A JSON array, or words as a shell splits them. */
  readonly cmd: string | undefined;
  readonly createdBy: string | undefined;
  readonly domainname: string | undefined;
  /** A JSON array, or text for a shell. */
  readonly entrypoint: string | undefined;
  readonly historyComment: string | undefined;
  /** Only Docker's format has it. */
  readonly comment?: string | undefined;
  /** `-` alone clears the list, `name-` removes one. */
  readonly osFeatures?: readonly string[];
  readonly hostname: string | undefined;
  readonly os: string | undefined;
  readonly osVersion: string | undefined;
  readonly shell: string | undefined;
  readonly stopSignal: string | undefined;
  readonly user: string | undefined;
  readonly variant: string | undefined;
  readonly workingDir: string | undefined;
  readonly healthcheck: HealthcheckChanges;
}

interface HealthcheckChanges {
  readonly command: string | undefined;
  readonly interval: string | undefined;
  readonly timeout: string | undefined;
  readonly startPeriod: string | undefined;
  readonly startInterval: string | undefined;
  readonly retries: number | undefined;
}

/** The working container with its config changed; each change may become a history entry. */
export function applyConfigFlags(container: WorkingContainer, changes: ConfigChanges): WorkingContainer {
  const annotations = edit(Object.entries(container.annotations), changes.annotations, changes.unsetAnnotations);
  return {
    ...container,
    config: changedConfig(container.config, changes),
    annotations: Object.fromEntries(annotations),
    createdBy: changes.createdBy ?? container.createdBy,
    historyComment: changes.historyComment ?? container.historyComment,
    historyBefore: changes.addHistory ? [...container.historyBefore, ...historyOf(changes)] : container.historyBefore,
  };
}

function changedConfig(config: ImageConfig, changes: ConfigChanges): ImageConfig {
  const { variant: _variant, osVersion: _osVersion, osFeatures: _osFeatures, author: _author, comment: _comment, ...others } = config;
  const { healthcheck: _healthcheck, ...rest } = others;
  const osFeatures = editSet(config.osFeatures ?? [], changes.osFeatures ?? []);
  const healthcheck = changedHealthcheck(config.healthcheck, changes.healthcheck);
  return {
    ...rest,
    ...present("variant", changes.variant ?? config.variant),
    ...present("osVersion", changes.osVersion ?? config.osVersion),
    ...present("author", changes.author ?? config.author),
    ...present("comment", changes.comment ?? config.comment),
    ...(osFeatures.length === 0 ? {} : { osFeatures }),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    architecture: changes.architecture ?? config.architecture,
    os: changes.os ?? config.os,
    user: changes.user ?? config.user,
    exposedPorts: editSet(config.exposedPorts, changes.ports),
    env: changes.env.reduce<readonly string[]>(setVariable, config.env),
    entrypoint: changes.entrypoint === undefined ? config.entrypoint : shellOrJson(changes.entrypoint),
    cmd: changes.cmd === undefined ? config.cmd : wordsOrJson(changes.cmd),
    volumes: editSet(config.volumes, changes.volumes),
    workingDir: changes.workingDir ?? config.workingDir,
    labels: Object.fromEntries(edit(Object.entries(config.labels), changes.labels, changes.unsetLabels)),
    stopSignal: changes.stopSignal ?? config.stopSignal,
    hostname: changes.hostname ?? config.hostname,
    domainname: changes.domainname ?? config.domainname,
    shell: changes.shell === undefined ? config.shell : wordsOrJson(changes.shell),
    onBuild: [...config.onBuild, ...changes.onBuild.filter((trigger) => trigger !== "")],
  };
}

function setVariable(env: readonly string[], entry: string): readonly string[] {
  if (entry === "-") return [];
  if (!entry.includes("=") && entry.endsWith("-")) return env.filter((one) => nameOf(one) !== entry.slice(0, -1));
  const value = entry.includes("=") ? expandWord(entry.slice(entry.indexOf("=") + 1), env) : (process.env[entry] ?? "");
  return [...env.filter((one) => nameOf(one) !== nameOf(entry)), `${nameOf(entry)}=${value}`];
}

/** `-` alone clears a set, `name-` removes one of it. */
function editSet(present: readonly string[], entries: readonly string[]): readonly string[] {
  const set = new Set(present);
  for (const entry of entries) {
    if (entry === "-") set.clear();
    else if (entry.endsWith("-")) set.delete(entry.slice(0, -1));
    else if (entry !== "") set.add(entry);
  }
  return [...set];
}

function edit(
  present: ReadonlyArray<readonly [string, string]>,
  entries: readonly string[],
  unset: readonly string[],
): Map<string, string> {
  const all = new Map(present);
  for (const entry of entries) {
    if (entry === "-") all.clear();
    else if (!entry.includes("=") && entry.endsWith("-")) all.delete(entry.slice(0, -1));
    else all.set(nameOf(entry), entry.includes("=") ? entry.slice(entry.indexOf("=") + 1) : "");
  }
  for (const name of unset) all.delete(name);
  return all;
}

/** What Docker assumes of a check that does not say. */
const NEW_HEALTHCHECK: Healthcheck = { test: ["NONE"], interval: 30e9, timeout: 30e9, startPeriod: 0, startInterval: 0, retries: 3 };

function changedHealthcheck(present: Healthcheck | undefined, changes: HealthcheckChanges): Healthcheck | undefined {
  if (Object.values(changes).every((value) => value === undefined)) return present;
  const base = present ?? NEW_HEALTHCHECK;
  const changed: Healthcheck = {
    test: changes.command === undefined ? base.test : healthTest(changes.command),
    interval: duration("interval", changes.interval) ?? base.interval,
    timeout: duration("timeout", changes.timeout) ?? base.timeout,
    startPeriod: duration("start-period", changes.startPeriod) ?? base.startPeriod,
    startInterval: duration("start-interval", changes.startInterval) ?? base.startInterval,
    retries: changes.retries ?? base.retries,
  };
  return changed.test.length === 0 ? undefined : changed;
}

function healthTest(command: string): readonly string[] {
  return splitQuotedWords(command, "\\").map((word) => expandWord(word, []));
}

function duration(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = parseGoDuration(text);
  if (value === undefined)
    throw new ToolError(
      "invalid-argument",
      `parsing --healthcheck-${name} ${JSON.stringify(text)}: time: invalid duration ${JSON.stringify(text)}`,
    );
  return value;
}

function wordsOrJson(text: string): readonly string[] {
  return jsonWords(text) ?? splitQuotedWords(text, "\\").map((word) => expandWord(word, []));
}

function shellOrJson(text: string): readonly string[] {
  return jsonWords(text) ?? (text === "" ? [] : ["/bin/sh", "-c", text]);
}

function jsonWords(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One entry for each instruction that would have done the same, in the original's order. */
function historyOf(changes: ConfigChanges): HistoryEntry[] {
  const lines = [
    ...one("USER", changes.user),
    ...one("SHELL", changes.shell),
    ...one("STOPSIGNAL", changes.stopSignal),
    ...joined("EXPOSE", changes.ports),
    ...joined("ENV", changes.env),
    ...one("ENTRYPOINT", changes.entrypoint),
    ...one("CMD", changes.cmd),
    ...changes.volumes.map((volume) => `VOLUME ${volume}`),
    ...one("HEALTHCHECK", healthcheckText(changes.healthcheck)),
    ...joined("LABEL", changes.labels),
    ...one("WORKDIR", changes.workingDir),
    ...changes.onBuild.map((trigger) => `ONBUILD ${trigger}`),
  ];
  return lines.map((line) => ({ created: timestampNow(), createdBy: `/bin/sh -c #(nop) ${line}`, emptyLayer: true }));
}

function joined(keyword: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${keyword} ${values.join(" ")}`];
}

function healthcheckText(changes: HealthcheckChanges): string | undefined {
  if (Object.values(changes).every((value) => value === undefined)) return undefined;
  if (changes.command === "") return "NONE";
  const flags = [
    ...one("--interval", changes.interval),
    ...one("--retries", changes.retries?.toString()),
    ...one("--start-period", changes.startPeriod),
    ...one("--start-interval", changes.startInterval),
    ...one("--timeout", changes.timeout),
  ];
  return [...flags.map((flag) => flag.replace(" ", "=")), changes.command ?? ""].join(" ");
}

function one(keyword: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${keyword} ${value}`];
}

function present<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined || value === "" ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
}

/** What of the changes an image in OCI's format cannot keep. */
export function formatNotes(before: WorkingContainer, changes: ConfigChanges): string[] {
  const unsupported = (what: string, text: string): string =>
    `${what} is not supported for OCI image format, ${text} will be ignored. Must use \`docker\` format`;
  const command = before.config.cmd.join(" ");
  const entrypointKeepsCommand = changes.entrypoint !== undefined && changes.entrypoint !== "" && command !== "";
  return [
    ...(changes.shell === undefined ? [] : [unsupported("SHELL", `[${changes.shell}]`)]),
    ...(entrypointKeepsCommand ? [`cmd ${JSON.stringify(command)} ${fateOfCommand(changes.entrypoint ?? "")}`] : []),
    ...(Object.values(changes.healthcheck).every((value) => value === undefined)
      ? []
      : ["HEALTHCHECK is not supported for OCI image format and will be ignored. Must use `docker` format"]),
    ...(changes.comment === undefined || changes.comment === "" ? [] : [unsupported("COMMENT", `comment ${changes.comment}`)]),
    ...(changes.domainname === undefined || changes.domainname === ""
      ? []
      : [unsupported("DOMAINNAME", `domainname ${changes.domainname}`)]),
    ...(changes.hostname === undefined || changes.hostname === ""
      ? []
      : [`HOSTNAME is not supported for OCI V1 image format, hostname ${changes.hostname} will be ignored. Must use \`docker\` format`]),
    ...changes.onBuild.map((trigger) => unsupported("ONBUILD", trigger)),
  ].filter((note) => before.format === "oci" || note.startsWith("cmd "));
}

/** A shell that runs the entry point's text gets no further words. */
function fateOfCommand(entrypoint: string): string {
  return jsonWords(entrypoint) === undefined
    ? "exists but will be ignored because of entrypoint settings"
    : "exists and will be passed to entrypoint as a parameter";
}
