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
  const { variant: _variant, osVersion: _osVersion, author: _author, healthcheck: _healthcheck, ...rest } = config;
  const healthcheck = changedHealthcheck(config.healthcheck, changes.healthcheck);
  return {
    ...rest,
    ...present("variant", changes.variant ?? config.variant),
    ...present("osVersion", changes.osVersion ?? config.osVersion),
    ...present("author", changes.author ?? config.author),
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

function changedHealthcheck(present: Healthcheck | undefined, changes: HealthcheckChanges): Healthcheck | undefined {
  const base: Healthcheck = present ?? { test: [], interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };
  const changed: Healthcheck = {
    test: changes.command === undefined ? base.test : healthTest(changes.command),
    interval: duration(changes.interval, base.interval),
    timeout: duration(changes.timeout, base.timeout),
    startPeriod: duration(changes.startPeriod, base.startPeriod),
    startInterval: duration(changes.startInterval, base.startInterval),
    retries: changes.retries ?? base.retries,
  };
  return Object.values(changed).some((value) => (Array.isArray(value) ? value.length > 0 : value !== 0)) ? changed : undefined;
}

function healthTest(command: string): readonly string[] {
  const words = splitQuotedWords(command, "\\").map((word) => expandWord(word, []));
  const type = words[0]?.toUpperCase();
  if (type === "NONE") return ["NONE"];
  if (type === "CMD" || type === "CMD-SHELL") return [type, ...words.slice(1)];
  return words.length === 0 ? [] : ["CMD-SHELL", command];
}

function duration(text: string | undefined, present: number): number {
  if (text === undefined) return present;
  const value = parseGoDuration(text);
  if (value === undefined) throw new ToolError("invalid-argument", `time: invalid duration ${JSON.stringify(text)}`);
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

function historyOf(changes: ConfigChanges): HistoryEntry[] {
  const lines = [
    ...one("USER", changes.user),
    ...changes.ports.map((port) => `EXPOSE ${port}`),
    ...changes.env.map((entry) => `ENV ${entry}`),
    ...one("ENTRYPOINT", changes.entrypoint),
    ...one("CMD", changes.cmd),
    ...changes.volumes.map((volume) => `VOLUME ${volume}`),
    ...changes.onBuild.map((trigger) => `ONBUILD ${trigger}`),
    ...changes.labels.map((label) => `LABEL ${label}`),
    ...one("WORKDIR", changes.workingDir),
    ...one("SHELL", changes.shell),
    ...one("STOPSIGNAL", changes.stopSignal),
    ...one("HOSTNAME", changes.hostname),
    ...one("DOMAINNAME", changes.domainname),
  ];
  return lines.map((line) => ({ created: timestampNow(), createdBy: `/bin/sh -c #(nop) ${line}`, emptyLayer: true }));
}

function one(keyword: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${keyword} ${value}`];
}

function present<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined || value === "" ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
}
