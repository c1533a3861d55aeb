import { ToolError } from "@containers/common/errors/tool-error";
import type { Healthcheck } from "../containerfile/instructions/healthcheck.ts";
import { type HistoryEntry, hostArchitecture, type ImageConfig } from "./image-config.ts";

/**
 * Reads an image config, OCI's or Docker's. Nothing is taken on trust: a value of the wrong type fails with
 * corrupt, one that is absent has its empty value.
 */
export function parseImageConfig(bytes: Uint8Array, subject: string): ImageConfig {
  try {
    return readImageConfig(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (error) {
    throw new ToolError("corrupt", `reading the config of ${subject}`, { cause: error });
  }
}

/** Like {@link parseImageConfig}, for JSON that was parsed already. */
export function readImageConfig(value: unknown): ImageConfig {
  const image = record(value, "image config");
  const config = record(image["config"] ?? {}, "config");
  const healthcheck = config["Healthcheck"];
  return {
    ...optional("created", text(image["created"])),
    ...optional("author", text(image["author"])),
    ...optional("comment", text(image["comment"])),
    architecture: text(image["architecture"]) || hostArchitecture(),
    os: text(image["os"]) || "linux",
    ...optional("variant", text(image["variant"])),
    ...optional("osVersion", text(image["os.version"])),
    ...(image["os.features"] === undefined ? {} : { osFeatures: texts(image["os.features"]) }),
    user: text(config["User"]),
    exposedPorts: Object.keys(record(config["ExposedPorts"] ?? {}, "ExposedPorts")),
    env: texts(config["Env"]),
    entrypoint: texts(config["Entrypoint"]),
    cmd: texts(config["Cmd"]),
    volumes: Object.keys(record(config["Volumes"] ?? {}, "Volumes")),
    workingDir: text(config["WorkingDir"]),
    labels: Object.fromEntries(Object.entries(record(config["Labels"] ?? {}, "Labels")).map(([key, label]) => [key, text(label)])),
    stopSignal: text(config["StopSignal"]),
    hostname: text(config["Hostname"]),
    domainname: text(config["Domainname"]),
    shell: texts(config["Shell"]),
    onBuild: texts(config["OnBuild"]),
    ...(healthcheck === undefined || healthcheck === null ? {} : { healthcheck: readHealthcheck(healthcheck) }),
    diffIds: texts(record(image["rootfs"] ?? {}, "rootfs")["diff_ids"]),
    history: list(image["history"]).map(readHistory),
  };
}

function readHealthcheck(value: unknown): Healthcheck {
  const check = record(value, "Healthcheck");
  return {
    test: texts(check["Test"]),
    interval: number(check["Interval"]),
    timeout: number(check["Timeout"]),
    startPeriod: number(check["StartPeriod"]),
    startInterval: number(check["StartInterval"]),
    retries: number(check["Retries"]),
  };
}

function readHistory(value: unknown): HistoryEntry {
  const entry = record(value, "history");
  return {
    ...optional("created", text(entry["created"])),
    ...optional("createdBy", text(entry["created_by"])),
    ...optional("author", text(entry["author"])),
    ...optional("comment", text(entry["comment"])),
    emptyLayer: entry["empty_layer"] === true,
  };
}

function optional<Key extends string>(key: Key, value: string): { readonly [K in Key]?: string } {
  return value === "" ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ToolError("corrupt", `${what} is no object`);
  return value as Record<string, unknown>;
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ToolError("corrupt", "expected a list");
  return value;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new ToolError("corrupt", `expected text, found ${typeof value}`);
  return value;
}

function texts(value: unknown): string[] {
  return list(value).map(text);
}

function number(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number") throw new ToolError("corrupt", `expected a number, found ${typeof value}`);
  return value;
}
