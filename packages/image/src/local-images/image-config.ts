import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageRecord, Store } from "@containers/storage/store";

/** An image's config blob, OCI or Docker's: the fields of the OCI image spec, and the few that only Docker's has. Absent is undefined. */
export interface OciImageConfig {
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly os: string;
  readonly config: OciRunConfig;
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history: readonly OciHistory[];
  /** Docker's: the version of the daemon that made the image. */
  readonly docker_version?: string;
  readonly comment?: string;
}

/** What a container of the image starts with. */
export interface OciRunConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly ArgsEscaped?: boolean;
  readonly Healthcheck?: Healthcheck;
  readonly OnBuild?: readonly string[];
  readonly Shell?: readonly string[];
}

/** Docker's health check; times in nanoseconds. */
export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface OciHistory {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/**
 * The config of a stored image, by full id.
 *
 * @throws not-found when there is no such image or it has no config (a manifest list); corrupt when it cannot be parsed
 */
export function readImageConfig(store: Store, id: string): OciImageConfig {
  const bytes = rawImageConfig(store, id);
  if (bytes === undefined) throw new ToolError("not-found", `${id}: no image configuration in the store`, { code: "image-unknown" });
  return parseImageConfig(bytes, id);
}

/** The bytes of the config as the image came with it; undefined for a manifest list. */
export function rawImageConfig(store: Store, id: string): Uint8Array | undefined {
  return store.images.bigData(id, `sha256:${id}`) ?? configByManifest(store, id);
}

/**
 * Parses a config blob; types are checked, since it came from a registry.
 *
 * @throws corrupt
 */
export function parseImageConfig(bytes: Uint8Array, id: string): OciImageConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch (error) {
    throw new ToolError("corrupt", `configuration of image ${id} is not valid JSON`, { cause: error });
  }
  if (!isObject(parsed)) throw new ToolError("corrupt", `configuration of image ${id} is not an object`);
  const rootfs = isObject(parsed["rootfs"]) ? parsed["rootfs"] : {};
  const history = Array.isArray(parsed["history"]) ? parsed["history"].filter(isObject) : [];
  return {
    created: string(parsed["created"]),
    author: string(parsed["author"]),
    architecture: string(parsed["architecture"]) ?? "",
    variant: string(parsed["variant"]),
    os: string(parsed["os"]) ?? "",
    config: parseRunConfig(parsed["config"]),
    rootfs: { type: string(rootfs["type"]) ?? "", diff_ids: strings(rootfs["diff_ids"]) ?? [] },
    history: history.map(parseHistory),
    docker_version: string(parsed["docker_version"]),
    comment: string(parsed["comment"]),
  };
}

/** The run configuration out of parsed JSON; what has another type than it should is left out. */
export function parseRunConfig(parsed: unknown): OciRunConfig {
  const config = isObject(parsed) ? parsed : {};
  return {
    User: string(config["User"]),
    ExposedPorts: keys(config["ExposedPorts"]),
    Env: strings(config["Env"]),
    Entrypoint: strings(config["Entrypoint"]),
    Cmd: strings(config["Cmd"]),
    Volumes: keys(config["Volumes"]),
    WorkingDir: string(config["WorkingDir"]),
    Labels: labels(config["Labels"]),
    StopSignal: string(config["StopSignal"]),
    ArgsEscaped: config["ArgsEscaped"] === true ? true : undefined,
    Healthcheck: healthcheck(config["Healthcheck"]),
    OnBuild: strings(config["OnBuild"]),
    Shell: strings(config["Shell"]),
  };
}

function parseHistory(entry: Readonly<Record<string, unknown>>): OciHistory {
  return {
    created: string(entry["created"]),
    created_by: string(entry["created_by"]),
    author: string(entry["author"]),
    comment: string(entry["comment"]),
    empty_layer: entry["empty_layer"] === true ? true : undefined,
  };
}

/** An image whose id is not the digest of its config (made by other tools): the manifest names the config. */
function configByManifest(store: Store, id: string): Uint8Array | undefined {
  const manifest = store.images.bigData(id, "manifest");
  if (manifest === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(manifest).toString("utf8"));
    const config = isObject(parsed) && isObject(parsed["config"]) ? string(parsed["config"]["digest"]) : undefined;
    return config === undefined ? undefined : store.images.bigData(id, config);
  } catch {
    return undefined;
  }
}

/** Every digest that the image's manifests have, the record's own first. */
export function manifestDigests(image: ImageRecord): readonly string[] {
  const digests = new Set<string>();
  if (image.digest !== undefined) digests.add(image.digest);
  for (const [key, digest] of Object.entries(image.bigDataDigests)) {
    if (key === "manifest" || key.startsWith("manifest-")) digests.add(digest);
  }
  return [...digests];
}

function healthcheck(value: unknown): Healthcheck | undefined {
  if (!isObject(value)) return undefined;
  const number = (key: string): number | undefined => (typeof value[key] === "number" ? value[key] : undefined);
  return {
    Test: strings(value["Test"]),
    Interval: number("Interval"),
    Timeout: number("Timeout"),
    StartPeriod: number("StartPeriod"),
    StartInterval: number("StartInterval"),
    Retries: number("Retries"),
  };
}

function keys(value: unknown): Readonly<Record<string, object>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.keys(value).map((key) => [key, {}]));
}

function labels(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function strings(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((entry): entry is string => typeof entry === "string");
}

function string(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
