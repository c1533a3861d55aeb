import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { RegistryAccess } from "../transports/transport.ts";
import { parseRegistriesConf } from "./parse.ts";
import { registriesConfPaths, userHome } from "./paths.ts";
import type { PartialRegistriesConf, RegistriesConf, RegistryEntry } from "./types.ts";

/** The credential helper that stands for auth.json itself. */
export const authFileHelper = "containers-auth.json";

/**
 * Loads registries.conf with its drop-ins, later files over earlier ones: registries by prefix, lists as a whole, aliases by name.
 * No file at all is an empty configuration, except one that the caller named.
 *
 * @throws invalid-argument, naming the file at fault
 */
export function loadRegistriesConf(access: RegistryAccess = {}, home = userHome()): RegistriesConf {
  const paths = registriesConfPaths(access, home);
  const parts: Array<{ path: string; conf: PartialRegistriesConf }> = [];
  const main = readConf(paths.file, false);
  if (main === undefined && paths.fileRequired) {
    throw new ToolError("not-found", `loading registries configuration "${paths.file}": no such file or directory`);
  }
  if (main !== undefined) parts.push({ path: paths.file, conf: main });
  for (const directory of paths.directories) {
    for (const path of dropIns(directory)) {
      const conf = readConf(path, true);
      if (conf !== undefined) parts.push({ path, conf });
    }
  }
  return merge(parts, { file: paths.file, directory: paths.directories.at(-1) ?? "" });
}

function merge(parts: ReadonlyArray<{ path: string; conf: PartialRegistriesConf }>, sources: RegistriesConf["sources"]): RegistriesConf {
  const registries = new Map<string, RegistryEntry>();
  const aliases = new Map<string, { target: string; origin: string }>();
  for (const { conf } of parts) {
    for (const entry of conf.registries) registries.set(entry.prefix, entry);
    for (const [name, alias] of conf.aliases) aliases.set(name, alias);
  }
  const search = parts.findLast(({ conf }) => conf.unqualifiedSearchRegistries !== undefined);
  const helpers = parts.findLast(({ conf }) => conf.credentialHelpers !== undefined)?.conf.credentialHelpers ?? [];
  return {
    registries: [...registries.values()],
    unqualifiedSearchRegistries: search?.conf.unqualifiedSearchRegistries ?? [],
    unqualifiedSearchOrigin: search?.path ?? parts[0]?.path,
    credentialHelpers: helpers.length === 0 ? [authFileHelper] : helpers,
    shortNameMode: parts.findLast(({ conf }) => conf.shortNameMode !== undefined)?.conf.shortNameMode ?? "permissive",
    aliases,
    sources,
  };
}

function readConf(path: string, dropIn: boolean): PartialRegistriesConf | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw wrapError(`loading registries configuration "${path}"`, error);
  }
  try {
    return parseRegistriesConf(text, path, dropIn);
  } catch (error) {
    throw wrapError(`loading ${dropIn ? "drop-in " : ""}registries configuration "${path}"`, error);
  }
}

/** `*.conf` of a directory in the order of their names. */
function dropIns(directory: string): readonly string[] {
  // An error costs ten times as much as asking.
  if (!existsSync(directory)) return [];
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".conf"))
      .map((entry) => join(directory, entry.name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw wrapError(`reading registries.conf.d ${directory}`, error);
  }
}
