import { ToolError } from "@containers/common/errors/tool-error";
import { goJsonBytes, sortKeys } from "./go-json.ts";

type Json = Record<string, unknown>;

/**
 * A Docker image config as an OCI one: only the fields that the OCI specification has, in its order, so that the bytes (and the
 * image id) are those that the original tools make. Health checks, ONBUILD and SHELL have no place in OCI and are dropped, as there.
 */
export function convertConfigToOci(config: Uint8Array): Uint8Array {
  const source = parse(config);
  return goJsonBytes({
    created: timestamp(source["created"]),
    author: text(source["author"]),
    architecture: typeof source["architecture"] === "string" ? source["architecture"] : "",
    os: typeof source["os"] === "string" ? source["os"] : "",
    "os.version": text(source["os.version"]),
    "os.features": filled(source["os.features"]),
    variant: text(source["variant"]),
    config: runConfig(source["config"]),
    rootfs: rootfs(source["rootfs"]),
    history: history(source["history"]),
  });
}

function runConfig(value: unknown): Json {
  const source = isObject(value) ? value : {};
  return {
    User: text(source["User"]),
    ExposedPorts: map(source["ExposedPorts"]),
    Env: filled(source["Env"]),
    Entrypoint: filled(source["Entrypoint"]),
    Cmd: filled(source["Cmd"]),
    Volumes: map(source["Volumes"]),
    WorkingDir: text(source["WorkingDir"]),
    Labels: map(source["Labels"]),
    StopSignal: text(source["StopSignal"]),
    ArgsEscaped: source["ArgsEscaped"] === true ? true : undefined,
  };
}

function rootfs(value: unknown): Json {
  const source = isObject(value) ? value : {};
  return { type: source["type"] ?? "", diff_ids: source["diff_ids"] ?? null };
}

function history(value: unknown): Json[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.filter(isObject).map((entry) => ({
    created: timestamp(entry["created"]),
    created_by: text(entry["created_by"]),
    author: text(entry["author"]),
    comment: text(entry["comment"]),
    empty_layer: entry["empty_layer"] === true ? true : undefined,
  }));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function filled(value: unknown): unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

function map(value: unknown): Json | undefined {
  return isObject(value) && Object.keys(value).length > 0 ? sortKeys(value) : undefined;
}

/** RFC 3339 as Go prints it again: no zeros at the end of the fraction. */
function timestamp(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return value.replace(/(\.\d*?)0+(?=Z|[+-])/, "$1").replace(/\.(?=Z|[+-])/, "");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(bytes: Uint8Array): Json {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isObject(value)) return value;
  } catch (error) {
    throw new ToolError("corrupt", "parsing image config", { cause: error });
  }
  throw new ToolError("corrupt", "parsing image config: not a JSON object");
}
