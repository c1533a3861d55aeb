import { sortKeys } from "../go-json.ts";

type Json = Readonly<Record<string, unknown>>;

/** Docker before this version left out fields that image ids are computed with. */
const COMPLETE_SINCE = [1, 8, 3];

/** The config of a top layer, with all fields where an old Docker wrote it. */
export function reencodeConfig(config: Json): Json {
  const version = config["docker_version"];
  if (typeof version !== "string" || version === "" || !isBefore(version, COMPLETE_SINCE)) return config;
  const text = (key: string): string | undefined => (typeof config[key] === "string" && config[key] !== "" ? config[key] : undefined);
  return {
    id: text("id"),
    parent: text("parent"),
    comment: text("comment"),
    created: config["created"] ?? "0001-01-01T00:00:00Z",
    container: text("container"),
    container_config: completeRunConfig(object(config["container_config"])),
    docker_version: version,
    author: text("author"),
    config: config["config"] === undefined || config["config"] === null ? undefined : completeRunConfig(object(config["config"])),
    architecture: text("architecture"),
    variant: text("variant"),
    os: text("os"),
  };
}

/** Every field in the order of Go's structure, those that it leaves out when empty only where they are not. */
function completeRunConfig(config: Json): Json {
  const text = (key: string): unknown => config[key] ?? "";
  const flag = (key: string): unknown => config[key] ?? false;
  const list = (key: string): unknown => (typeof config[key] === "string" ? [config[key]] : (config[key] ?? null));
  const map = (key: string): unknown => (config[key] === undefined || config[key] === null ? null : sortKeys(object(config[key])));
  const filled = (value: unknown): unknown => (isEmpty(value) ? undefined : value);
  return {
    Hostname: text("Hostname"),
    Domainname: text("Domainname"),
    User: text("User"),
    AttachStdin: flag("AttachStdin"),
    AttachStdout: flag("AttachStdout"),
    AttachStderr: flag("AttachStderr"),
    ExposedPorts: filled(map("ExposedPorts")),
    Tty: flag("Tty"),
    OpenStdin: flag("OpenStdin"),
    StdinOnce: flag("StdinOnce"),
    Env: list("Env"),
    Cmd: list("Cmd"),
    Healthcheck: filled(config["Healthcheck"]),
    ArgsEscaped: filled(config["ArgsEscaped"]),
    Image: text("Image"),
    Volumes: map("Volumes"),
    WorkingDir: text("WorkingDir"),
    Entrypoint: list("Entrypoint"),
    NetworkDisabled: filled(config["NetworkDisabled"]),
    MacAddress: filled(config["MacAddress"]),
    OnBuild: list("OnBuild"),
    Labels: map("Labels"),
    StopSignal: filled(config["StopSignal"]),
    StopTimeout: config["StopTimeout"] ?? undefined,
    Shell: filled(config["Shell"]),
  };
}

function isBefore(version: string, bound: readonly number[]): boolean {
  const parts = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, wanted] of bound.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
