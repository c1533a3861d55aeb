import { ToolError } from "@containers/common/errors/tool-error";
import { parseAlias } from "./alias-name.ts";
import type { MirrorUse, PartialRegistriesConf, RegistryEntry, RegistryMirror, ShortNameAlias, ShortNameMode } from "./types.ts";

type Table = Readonly<Record<string, unknown>>;

/**
 * Parses one registries.conf. Hand-written rather than with zod: every command that names an image reads these files.
 *
 * @param path for messages and as the origin of aliases
 * @param dropIn version 1 tables are refused in drop-in files
 * @throws invalid-argument, naming the entry at fault
 */
export function parseRegistriesConf(text: string, path: string, dropIn = false): PartialRegistriesConf {
  let parsed: unknown;
  try {
    parsed = Bun.TOML.parse(text);
  } catch (error) {
    throw new ToolError("invalid-argument", `${path}: not valid TOML`, { cause: error });
  }
  const top = table(parsed, "the file");
  const entries = top["registry"] === undefined ? [] : tables(top["registry"], "registry").map(parseEntry);
  const search = strings(top["unqualified-search-registries"], "unqualified-search-registries")?.map(parseSearchRegistry);
  const version1 = top["registries"] === undefined ? undefined : parseVersion1(table(top["registries"], "registries"));
  if (version1 !== undefined && dropIn) throw invalid("registry must be in v2 format but is in v1");
  if (version1 !== undefined && (entries.length > 0 || search !== undefined)) {
    throw invalid("mixing version 1 and version 2 tables is not supported");
  }
  refuseConflicts(entries);
  return {
    registries: firstOfEachPrefix(version1?.registries ?? entries),
    unqualifiedSearchRegistries: version1?.search ?? search,
    credentialHelpers: strings(top["credential-helpers"], "credential-helpers"),
    shortNameMode: parseMode(top["short-name-mode"]),
    aliases: parseAliases(top["aliases"], path),
  };
}

/** The `[aliases]` table alone, as the cache of the user's choices holds it. */
export function parseAliases(value: unknown, origin: string): ReadonlyMap<string, ShortNameAlias> {
  const aliases = new Map<string, ShortNameAlias>();
  if (value === undefined) return aliases;
  for (const [name, target] of Object.entries(table(value, "aliases"))) {
    aliases.set(name, { target: parseAlias(name, text(target, `alias ${name}`)), origin });
  }
  return aliases;
}

function parseEntry(entry: Table): RegistryEntry {
  const location = parseLocation(text(entry["location"], "location"));
  const prefix = parseLocation(text(entry["prefix"], "prefix")) || location;
  const wildcard = prefix.startsWith("*.");
  if (prefix === "") throw invalid("both location and prefix are unset");
  if (location === "" && !wildcard) throw invalid("location is unset and prefix is not in the format: *.example.com");
  if (wildcard && /[/@:]/.test(prefix)) {
    throw invalid(`a prefix with a wildcard must be in the format *.example.com, not "${prefix}"`);
  }
  if (entry["pull-from-mirror"] !== undefined) {
    throw invalid(`pull-from-mirror must not be set for a non-mirror registry "${prefix}"`);
  }
  const mirrorByDigestOnly = flag(entry["mirror-by-digest-only"], "mirror-by-digest-only");
  const mirrors = entry["mirror"] === undefined ? [] : tables(entry["mirror"], "mirror");
  return {
    prefix,
    location,
    insecure: flag(entry["insecure"], "insecure"),
    blocked: flag(entry["blocked"], "blocked"),
    mirrorByDigestOnly,
    mirrors: mirrors.map((mirror) => parseMirror(mirror, prefix, mirrorByDigestOnly)),
  };
}

function parseMirror(mirror: Table, prefix: string, byDigestOnly: boolean): RegistryMirror {
  const location = parseLocation(text(mirror["location"], "mirror location"));
  if (location === "") throw invalid("mirror location is unset");
  const use = text(mirror["pull-from-mirror"], "pull-from-mirror");
  if (byDigestOnly && use !== "") {
    throw invalid(`mirror-by-digest-only of registry "${prefix}" and pull-from-mirror of mirror "${location}" exclude each other`);
  }
  if (!isMirrorUse(use)) throw invalid(`unsupported pull-from-mirror value "${use}" for mirror "${location}"`);
  return { location, insecure: flag(mirror["insecure"], "insecure"), pullFromMirror: use === "" ? "all" : use };
}

function isMirrorUse(value: string): value is MirrorUse | "" {
  return value === "" || value === "all" || value === "digest-only" || value === "tag-only";
}

/** `[registries.search|insecure|block] registries = […]`: what files written before 2019 hold. */
function parseVersion1(registries: Table): { registries: RegistryEntry[]; search?: readonly string[] } {
  const list = (name: string): readonly string[] =>
    registries[name] === undefined ? [] : (strings(table(registries[name], name)["registries"], name) ?? []);
  const insecure = list("insecure").map(parseLocation);
  const blocked = list("block").map(parseLocation);
  const entries = [...new Set([...blocked, ...insecure])].map((location) => ({
    prefix: location,
    location,
    insecure: insecure.includes(location),
    blocked: blocked.includes(location),
    mirrorByDigestOnly: false,
    mirrors: [],
  }));
  return { registries: entries, search: list("search").map(parseSearchRegistry) };
}

/** Two entries for one location that disagree about it: which one applied would depend on the order. */
function refuseConflicts(entries: readonly RegistryEntry[]): void {
  const seen = new Map<string, RegistryEntry>();
  for (const entry of entries) {
    const place = entry.location || entry.prefix;
    const other = seen.get(place);
    for (const key of ["insecure", "blocked"] as const) {
      if (other !== undefined && other[key] !== entry[key]) {
        throw invalid(`registry '${place}' is defined multiple times with conflicting '${key}' setting`);
      }
    }
    seen.set(place, entry);
  }
}

function firstOfEachPrefix(entries: readonly RegistryEntry[]): readonly RegistryEntry[] {
  const byPrefix = new Map<string, RegistryEntry>();
  for (const entry of entries) if (!byPrefix.has(entry.prefix)) byPrefix.set(entry.prefix, entry);
  return [...byPrefix.values()];
}

function parseLocation(location: string): string {
  if (/^https?:\/\//.test(location)) throw invalid(`invalid location '${location}': URI schemes are not supported`);
  return location.replace(/\/+$/, "");
}

const domain =
  /^(?:\[[0-9a-fA-F:]+\]|(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)(?::[0-9]+)?$/;

function parseSearchRegistry(value: string): string {
  const registry = parseLocation(value);
  if (!domain.test(registry)) throw invalid(`invalid unqualified-search-registries entry "${registry}"`);
  return registry;
}

function parseMode(value: unknown): ShortNameMode | undefined {
  const mode = text(value, "short-name-mode");
  if (mode === "") return undefined;
  if (mode === "permissive" || mode === "enforcing" || mode === "disabled") return mode;
  throw invalid(`invalid short-name mode: "${mode}"`);
}

function table(value: unknown, what: string): Table {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Table;
  throw invalid(`${what} must be a table`);
}

function tables(value: unknown, what: string): readonly Table[] {
  if (!Array.isArray(value)) throw invalid(`${what} must be written as [[${what}]]`);
  return value.map((entry) => table(entry, what));
}

function strings(value: unknown, what: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw invalid(`${what} must be a list`);
  return value.map((entry) => text(entry, what));
}

function text(value: unknown, what: string): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  throw invalid(`${what} must be a string`);
}

function flag(value: unknown, what: string): boolean {
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  throw invalid(`${what} must be true or false`);
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message, { code: "registries-conf" });
}
