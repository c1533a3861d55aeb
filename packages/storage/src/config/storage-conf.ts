import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { userPaths } from "@containers/common/fs/xdg-paths";
import { isRootless, rootlessUid } from "@containers/common/rootless/rootless";
import { errnoCode } from "@containers/common/sys/sys-error";
import { unknownKeys } from "./known-keys.ts";

/** Where a store is and how it is kept, after storage.conf and the environment. */
export interface StorageConf {
  /** Empty when nothing names one: the store chooses. */
  readonly driver: string;
  readonly graphRoot: string;
  readonly runRoot: string;
  /** In the form of `--storage-opt`: `overlay.mountopt=nodev`. */
  readonly driverOptions: readonly string[];
  /** `transient_store`: records of containers are not to outlive a reboot. */
  readonly transientStore?: boolean;
  /** `imagestore`: graph root of the store that images are kept in, apart from containers. */
  readonly imageStore?: string;
  /** `pull_options`, by key: texts, as the file has them. */
  readonly pullOptions?: Readonly<Record<string, string>>;
  readonly autoUserns: AutoUsernsConf;
  /** `driver_priority`: which drivers to try where none is named. */
  readonly driverPriority?: readonly string[];
  /** `disable-volatile`: containers that do not outlive a reboot are written to disk like others. */
  readonly disableVolatile?: boolean;
  /** What the user should know of the file. */
  readonly warnings?: readonly string[];
}

/** What `--userns=auto` goes by. */
export interface AutoUsernsConf {
  /** `root-auto-userns-user`: whose subordinate ids root's containers get. */
  readonly user: string;
  /** `auto-userns-min-size`, `auto-userns-max-size`: ids of a container that asks for no number. */
  readonly least: number;
  readonly most: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const SYSTEM_FILES = ["/usr/share/containers/storage.conf", "/etc/containers/storage.conf"];
/** Keys of `[storage.options]` and its driver tables that become driver options, by the name they get. */
const OPTION_KEYS = [
  "mountopt",
  "mount_program",
  "ignore_chown_errors",
  "skip_mount_home",
  "force_mask",
  "size",
  "inodes",
  "use_composefs",
];

/**
 * Loads storage.conf: `CONTAINERS_STORAGE_CONF` alone where that is set, else the distribution's file, the host's, and for an ordinary user the
 * user's own, the last that is there. `STORAGE_DRIVER` and `STORAGE_OPTS` go before all of them.
 */
export function loadStorageConf(env: Environment = process.env): StorageConf {
  const rootless = isRootless(env);
  const file = configurationFile(env, rootless);
  const table = file === undefined ? {} : parseFile(file);
  const storage = tableOf(table, "storage");
  const own = file !== undefined && (!rootless || !SYSTEM_FILES.includes(file));
  const driver = text(storage, "driver");
  const chosen = env.STORAGE_DRIVER !== undefined && env.STORAGE_DRIVER !== "" ? env.STORAGE_DRIVER : driver;
  const defaults = rootless ? rootlessPlaces(env) : { graphRoot: "/var/lib/containers/storage", runRoot: "/run/containers/storage" };
  const expand = (value: string): string => expandVariables(value, env);
  const rootlessPath = rootless ? text(storage, "rootless_storage_path") : "";
  return {
    driver: chosen === "overlay2" ? "overlay" : chosen,
    graphRoot:
      rootlessPath !== ""
        ? expand(rootlessPath)
        : own && text(storage, "graphroot") !== ""
          ? expand(text(storage, "graphroot"))
          : defaults.graphRoot,
    runRoot: own && text(storage, "runroot") !== "" ? expand(text(storage, "runroot")) : defaults.runRoot,
    ...(storage.transient_store === true ? { transientStore: true } : {}),
    ...(text(storage, "imagestore") === "" ? {} : { imageStore: expand(text(storage, "imagestore")) }),
    ...pullOptions(storage),
    autoUserns: autoUserns(tableOf(storage, "options")),
    ...rarities(storage),
    ...(file === undefined ? {} : warningsOf(file, table)),
    driverOptions:
      env.STORAGE_OPTS === undefined
        ? driverOptions(storage, chosen === "vfs" ? "vfs" : "overlay")
        : env.STORAGE_OPTS.split(",").filter((option) => option !== ""),
  };
}

function configurationFile(env: Environment, rootless: boolean): string | undefined {
  const explicit = env.CONTAINERS_STORAGE_CONF;
  if (explicit !== undefined && explicit !== "") {
    if (!fs.existsSync(explicit)) throw new ToolError("not-found", `CONTAINERS_STORAGE_CONF names ${explicit}, which does not exist`);
    return explicit;
  }
  const candidates = rootless ? [...SYSTEM_FILES, path.join(userPaths(env).configHome, "containers", "storage.conf")] : SYSTEM_FILES;
  return candidates.findLast((file) => fs.existsSync(file));
}

function rootlessPlaces(env: Environment): { graphRoot: string; runRoot: string } {
  const paths = userPaths(env);
  const runtime = paths.runtimeDir ?? path.join("/tmp", `storage-run-${rootlessUid(env)}`);
  return { graphRoot: path.join(paths.dataHome, "containers", "storage"), runRoot: path.join(runtime, "containers") };
}

function rarities(storage: Record<string, unknown>): Pick<StorageConf, "driverPriority" | "disableVolatile"> {
  const { driver_priority: priority } = storage;
  return {
    ...(Array.isArray(priority) && priority.length > 0 ? { driverPriority: priority.map(String) } : {}),
    ...(tableOf(storage, "options")["disable-volatile"] === true ? { disableVolatile: true } : {}),
  };
}

function warningsOf(file: string, table: Record<string, unknown>): Pick<StorageConf, "warnings"> {
  const unknown = unknownKeys(table);
  const warnings = unknown.length === 0 ? [] : [`Failed to decode the keys [${unknown.map((key) => `"${key}"`).join(" ")}] from "${file}"`];
  if (text(tableOf(tableOf(table, "storage"), "options"), "imagestore") !== "")
    warnings.push(`imagestore in the table [storage.options] of ${file} has no effect: it belongs into [storage]`);
  return warnings.length === 0 ? {} : { warnings };
}

function driverOptions(storage: Record<string, unknown>, driver: "overlay" | "vfs"): string[] {
  const options = tableOf(storage, "options");
  const result: string[] = [];
  const imageStores = options.additionalimagestores;
  if (Array.isArray(imageStores)) for (const store of imageStores) result.push(`${driver}.imagestore=${String(store)}`);
  const layerStores = options.additionallayerstores;
  if (Array.isArray(layerStores)) for (const store of layerStores) result.push(`${driver}.additionallayerstore=${String(store)}`);
  const own = tableOf(options, driver);
  for (const key of OPTION_KEYS) {
    const value = own[key] ?? options[key];
    // A number is a mode, which the driver reads as octal.
    const shown = key === "force_mask" && typeof value === "number" ? value.toString(8) : String(value);
    if (value !== undefined && value !== "") result.push(`${driver}.${key}=${shown}`);
  }
  return result;
}

function autoUserns(options: Record<string, unknown>): AutoUsernsConf {
  const size = (key: string, fallback: number): number => {
    const value = options[key];
    return typeof value === "number" && value > 0 ? value : fallback;
  };
  const user = text(options, "root-auto-userns-user");
  return {
    user: user === "" ? "containers" : user,
    least: size("auto-userns-min-size", 1024),
    most: size("auto-userns-max-size", 65536),
  };
}

function pullOptions(storage: Record<string, unknown>): Pick<StorageConf, "pullOptions"> {
  const found = Object.entries(tableOf(tableOf(storage, "options"), "pull_options"));
  return found.length === 0 ? {} : { pullOptions: Object.fromEntries(found.map(([key, value]) => [key, String(value)])) };
}

function parseFile(file: string): Record<string, unknown> {
  let content: string;
  try {
    content = fs.readFileSync(file, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return {};
    throw error;
  }
  try {
    return Bun.TOML.parse(content) as Record<string, unknown>;
  } catch (cause) {
    throw new ToolError("invalid-argument", `${file} is not valid TOML`, { cause });
  }
}

function tableOf(parent: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = parent[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(table: Record<string, unknown>, key: string): string {
  const value = table[key];
  return typeof value === "string" ? value : "";
}

function expandVariables(value: string, env: Environment): string {
  return value
    .replace(/^~(?=\/|$)/, env.HOME ?? "~")
    .replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (_whole, name: string) =>
      name === "UID" ? String(rootlessUid(env)) : (env[name] ?? ""),
    );
}
