import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { type NamedReference, parseNormalizedName, withDefaultTag } from "../reference/reference.ts";
import type { RegistryAccess } from "../transports/transport.ts";
import { hasRegistry, parseTypedName, splitName } from "./alias-name.ts";
import { type CandidateMenu, terminalMenu } from "./candidate-menu.ts";
import { loadRegistriesConf } from "./load.ts";
import { loadRecordedAliases, recordAlias } from "./recorded-aliases.ts";
import type { RegistriesConf, ShortNameAlias } from "./types.ts";

/** What a name as typed may stand for, in the order to try. */
export interface ShortNameResolution {
  readonly candidates: readonly NamedReference[];
  /** One line for the user on how the candidates came about; empty for a full name. */
  readonly description: string;
  /** Set when the user chose the candidate: to be called when it was pulled, so that the name means it from now on. */
  readonly record?: () => void;
}

/** Configuration that short names are resolved with; read from the usual files when not given. */
export interface ShortNameSources {
  readonly conf: RegistriesConf;
  readonly recorded: ReadonlyMap<string, ShortNameAlias>;
}

/**
 * The registries' names that `input` may mean, each with a tag or digest (`latest` when it has neither): itself when it names a registry, else
 * its alias, else one per unqualified-search registry.
 *
 * @throws invalid-argument for a malformed name; not-found when nothing says what a short name means; denied when
 *   `short-name-mode = "enforcing"` asks for a choice that cannot be made here
 */
export function resolveShortName(input: string, access: RegistryAccess = {}, sources = loadSources(access)): ShortNameResolution {
  const parts = splitName(input);
  const parsed = parseTyped(input);
  if (hasRegistry(parts.repository)) return { candidates: [withDefaultTag(parsed)], description: "" };
  const { conf } = sources;
  const alias = aliasOf(parts.repository, sources);
  if (alias !== undefined) {
    return {
      candidates: [withDefaultTag(parseNormalizedName(alias.target + input.slice(parts.repository.length)))],
      description: `Resolved "${parts.repository}" as an alias (${alias.origin})`,
    };
  }
  const search = conf.unqualifiedSearchRegistries;
  if (search.length === 0) throw unresolved(input, conf);
  if (search.length > 1 && conf.shortNameMode === "enforcing") {
    throw new ToolError("denied", "short-name resolution enforced but cannot prompt without a TTY", {
      hint: "use the full name of the image",
    });
  }
  return {
    candidates: search.map((registry) => withDefaultTag(parseNormalizedName(`${registry}/${input}`))),
    description: `Resolving "${parts.repository}" using unqualified-search registries (${conf.unqualifiedSearchOrigin ?? ""})`,
  };
}

/**
 * As {@link resolveShortName}, for a pull: on a terminal, and unless `short-name-mode = "disabled"`, the user chooses among several registries.
 *
 * @throws cancelled when the user chooses none
 */
export function resolveForPull(
  input: string,
  access: RegistryAccess = {},
  options: { readonly menu?: CandidateMenu; readonly sources?: ShortNameSources } = {},
): ShortNameResolution {
  const sources = options.sources ?? loadSources(access);
  const { repository } = splitName(input);
  const { unqualifiedSearchRegistries: search, shortNameMode } = sources.conf;
  const clear = hasRegistry(repository) || search.length < 2 || shortNameMode === "disabled" || aliasOf(repository, sources) !== undefined;
  const menu = clear ? undefined : (options.menu ?? terminalMenu());
  if (menu === undefined) return resolveShortName(input, access, sources);
  parseTyped(input);
  const chosen = parseNormalizedName(
    menu(search.map((registry) => withDefaultTag(parseNormalizedName(`${registry}/${input}`)).toString())),
  );
  return { candidates: [chosen], description: "", record: () => recordAlias(repository, chosen.name, access.shortNameAliasesPath) };
}

/** The names under which an image that `input` means may stand in the local store: its alias, `localhost/`, then the search registries. */
export function localCandidates(input: string, access: RegistryAccess = {}, sources = loadSources(access)): readonly NamedReference[] {
  const parts = splitName(input);
  const parsed = parseTyped(input);
  if (hasRegistry(parts.repository)) return [withDefaultTag(parsed)];
  const candidates: NamedReference[] = [];
  const alias = aliasOf(parts.repository, sources);
  if (alias !== undefined) candidates.push(withDefaultTag(parseNormalizedName(alias.target + input.slice(parts.repository.length))));
  for (const registry of ["localhost", ...sources.conf.unqualifiedSearchRegistries]) {
    candidates.push(withDefaultTag(parseNormalizedName(`${registry}/${input}`)));
  }
  return candidates;
}

/** Whether the name lacks a registry, so that configuration decides what it means. */
export function isShortName(input: string): boolean {
  return !hasRegistry(splitName(input).repository);
}

function loadSources(access: RegistryAccess): ShortNameSources {
  return { conf: loadRegistriesConf(access), recorded: loadRecordedAliases(access.shortNameAliasesPath) };
}

function aliasOf(repository: string, sources: ShortNameSources): ShortNameAlias | undefined {
  const alias = sources.recorded.get(repository) ?? sources.conf.aliases.get(repository);
  return alias === undefined || alias.target === "" ? undefined : alias;
}

function parseTyped(input: string): NamedReference {
  try {
    return parseTypedName(input);
  } catch (error) {
    throw wrapError(`cannot parse input: "${input}"`, error);
  }
}

function unresolved(input: string, conf: RegistriesConf): ToolError {
  const origin = conf.unqualifiedSearchOrigin;
  const reason =
    origin === undefined ? "no containers-registries.conf(5) was found" : `no unqualified-search registries are defined in "${origin}"`;
  return new ToolError("not-found", `short-name "${input}" did not resolve to an alias and ${reason}`, { code: "short-name-unresolved" });
}
