import { existsSync, readFileSync } from "node:fs";
import { camelCase } from "../cli/camel-case.ts";
import { ToolError } from "../errors/tool-error.ts";
import { userPaths } from "../fs/xdg-paths.ts";
import { isRootless } from "../rootless/rootless.ts";
import { type ConfKey, type ContainersConf, containersConfKeys } from "./containers-conf-keys.ts";
import { findModule } from "./find-module.ts";
import { listDropIns, mergeTables, type TomlTable } from "./merge-drop-ins.ts";
import { type AppendedList, readConfValue } from "./read-conf-value.ts";

export type { ContainersConf } from "./containers-conf-keys.ts";

export interface LoadContainersConfOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the user's own files count; default: what this process is. */
  readonly rootless?: boolean;
  /** Put in front of `/usr/share` and `/etc`, for tests. */
  readonly systemRoot?: string;
  /** `--module`: files by path, or by name below `containers.conf.modules`. */
  readonly modules?: readonly string[];
  /** What {@link readConfigFiles} gave before. */
  readonly files?: readonly ConfigFile[] | undefined;
}

/** A file that counts, as it was read. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/**
 * containers.conf(5): the distribution's file, the administrator's with its drop-ins, the user's with its drop-ins (rootless), then modules, each
 * overriding key by key. CONTAINERS_CONF replaces all of these, CONTAINERS_CONF_OVERRIDE comes after all. Keys that nobody knows are ignored.
 *
 * @throws ToolError invalid-argument naming file and key for a value of the wrong type, and for a file that is no TOML
 */
export function loadContainersConf(options: LoadContainersConfOptions = {}): ContainersConf {
  const values = defaults();
  const growing = new Set<string>();
  for (const file of options.files ?? readConfigFiles(options)) applyFile(values, file, growing);
  return values as unknown as ContainersConf;
}

/**
 * The files that count, in the order in which they apply. Missing ones are left out, but for those that the caller named.
 * @throws ToolError not-found for a missing one that was named, unavailable for one that cannot be read
 */
export function readConfigFiles(options: LoadContainersConfOptions = {}): ConfigFile[] {
  return configFiles(options).map((path) => ({ path, text: readText(path) }));
}

function configFiles(options: LoadContainersConfOptions): string[] {
  const env = options.env ?? process.env;
  const named = env.CONTAINERS_CONF;
  const override = env.CONTAINERS_CONF_OVERRIDE;
  const base = named !== undefined && named !== "" ? [required(named, "CONTAINERS_CONF")] : standardFiles(options);
  const modules = (options.modules ?? []).map((module) => findModule(module, options));
  return [...base, ...modules, ...(override === undefined || override === "" ? [] : [required(override, "CONTAINERS_CONF_OVERRIDE")])];
}

type Sections = Record<string, Record<string, unknown>>;

function defaults(): Sections {
  const sections: Sections = {};
  for (const [section, keys] of Object.entries(containersConfKeys)) {
    const values: Record<string, unknown> = {};
    for (const [key, definition] of Object.entries(keys as Readonly<Record<string, ConfKey>>))
      values[camelCase(key, "_")] = definition.default;
    sections[section] = values;
  }
  return sections;
}

/** `growing` are the lists that some file said are added to, by section and key. */
function applyFile(values: Sections, { path, text }: ConfigFile, growing: Set<string>): void {
  const table = parseToml(path, text);
  for (const [section, keys] of Object.entries(containersConfKeys)) {
    const given = table[section];
    if (given === undefined) continue;
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new ToolError("invalid-argument", `reading ${path}: ${section} must be a table`);
    }
    applySection(values[section] ?? {}, keys, { given: given as TomlTable, place: `${path}: ${section}`, section, growing });
  }
}

function applySection(
  target: Record<string, unknown>,
  keys: Readonly<Record<string, ConfKey>>,
  { given, place, section, growing }: { given: TomlTable; place: string; section: string; growing: Set<string> },
): void {
  for (const [key, definition] of Object.entries(keys)) {
    const value = given[key];
    if (value === undefined) continue;
    const name = camelCase(key, "_");
    const read = readConfValue(definition.type, value, `reading ${place}.${key}`);
    const { type } = definition;
    target[name] = mergeTables(target[name], read, { type, grows: growing.has(`${section}.${key}`) });
    const append = type === "strings" ? (read as AppendedList).append : undefined;
    if (append === true) growing.add(`${section}.${key}`);
    else if (append === false) growing.delete(`${section}.${key}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ToolError("unavailable", `reading ${path}`, { cause: error });
  }
}

function parseToml(path: string, text: string): TomlTable {
  try {
    return Bun.TOML.parse(text) as TomlTable;
  } catch (error) {
    throw new ToolError("invalid-argument", `reading ${path}: not valid TOML`, { cause: error });
  }
}

function standardFiles({ systemRoot = "", rootless = isRootless(), env = process.env }: LoadContainersConfOptions): string[] {
  const distribution = `${systemRoot}/usr/share/containers/containers.conf`;
  const administrator = `${systemRoot}/etc/containers/containers.conf`;
  const files = [distribution, administrator].filter((path) => existsSync(path));
  files.push(...listDropIns(`${administrator}.d`));
  if (rootless) {
    const user = `${userPaths(env).configHome}/containers/containers.conf`;
    if (existsSync(user)) files.push(user);
    files.push(...listDropIns(`${user}.d`));
  }
  return files;
}

function required(path: string, source: string): string {
  if (!existsSync(path)) throw new ToolError("not-found", `${source} names ${path}, which does not exist`);
  return path;
}
