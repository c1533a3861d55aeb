import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { parseNormalizedName } from "../reference/reference.ts";
import { hasRegistry } from "../registries-conf/alias-name.ts";
import { loadRegistriesConf } from "../registries-conf/load.ts";
import { resolveRegistry } from "../registries-conf/mirrors.ts";
import { listRepositories } from "../registry-client/catalog.ts";
import { openRegistry } from "../registry-client/client.ts";
import { registryError } from "../registry-client/registry-error.ts";
import { listTags } from "../registry-client/tags.ts";
import type { RegistryAccess } from "../transports/transport.ts";

export interface SearchOptions {
  /** Results per registry; 25 unless told. */
  readonly limit?: number;
  /** `stars=N`, `is-automated[=B]`, `is-official[=B]`. */
  readonly filters?: readonly string[];
  /** The term is a repository, and its tags are wanted. */
  readonly listTags?: boolean;
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  /** The registry. */
  readonly index: string;
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
  readonly automated: boolean;
  /** With `listTags`. */
  readonly tag?: string;
}

const defaultLimit = 25;
const maximumBody = 16 << 20;

/**
 * Searches a registry (`quay.io/term`) or, for a term without one, all unqualified-search registries at once.
 *
 * @throws what the registries answered, when none had a result and one failed
 */
export async function searchImages(
  term: string,
  access: RegistryAccess = {},
  options: SearchOptions = {},
): Promise<readonly SearchResult[]> {
  const slash = term.indexOf("/");
  const named = slash !== -1;
  const registries = named ? [term.slice(0, slash)] : loadRegistriesConf(access).unqualifiedSearchRegistries;
  const text = named ? term.slice(slash + 1) : term;
  const filter = parseFilters(options.filters ?? []);
  const search = { access, options, limit: options.limit || defaultLimit };
  const found = await Promise.allSettled(
    registries.map((registry) => (options.listTags === true ? searchTags(registry, text, search) : searchRegistry(registry, text, search))),
  );
  const results = found.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
  const failure = found.find((outcome) => outcome.status === "rejected");
  if (results.length === 0 && failure !== undefined) throw failure.reason;
  return results.filter(filter);
}

interface Search {
  readonly access: RegistryAccess;
  readonly options: SearchOptions;
  readonly limit: number;
}

async function searchTags(registry: string, term: string, search: Search): Promise<readonly SearchResult[]> {
  const repository = parseNormalizedName(`${registry}/${term}`);
  const tags = await listTags(repository, { registry: search.access, signal: search.options.signal });
  return tags.slice(0, search.limit).map((tag) => ({ ...plain(registry, repository.name), tag }));
}

/** The search of docker's first protocol where the registry has it, else its catalog. */
async function searchRegistry(registry: string, term: string, search: Search): Promise<readonly SearchResult[]> {
  try {
    return await askRegistry(registry, term, search);
  } catch (error) {
    throw wrapError(`couldn't search registry "${registry}"`, error);
  }
}

async function askRegistry(registry: string, term: string, search: Search): Promise<readonly SearchResult[]> {
  if (term !== "") {
    const results = await searchVersion1(registry, term, search);
    if (results !== undefined) return results;
  }
  const { insecure } = resolveRegistry(registry, search.access);
  const repositories = await listRepositories(registry, { registry: search.access, insecure, signal: search.options.signal });
  const matching = repositories.filter((repository) => repository.includes(term)).slice(0, search.limit);
  return matching.map((repository) => plain(registry, `${registry}/${repository}`));
}

async function searchVersion1(registry: string, term: string, search: Search): Promise<readonly SearchResult[] | undefined> {
  const { access, options, limit } = search;
  const host = registry === "docker.io" ? "index.docker.io" : registry;
  const client = await openRegistry(host, {
    access,
    insecure: resolveRegistry(registry, access).insecure,
    signal: options.signal,
    scope: "registry:catalog:*",
  });
  const response = await client.send({ method: "GET", url: `/v1/search?q=${encodeURIComponent(term)}&n=${limit}` });
  if (response.status === 404 || response.status === 405) {
    await response.discard();
    return undefined;
  }
  if (response.status !== 200) {
    if (registry === "docker.io") throw await registryError(response);
    await response.discard();
    return undefined;
  }
  return parseResults(registry, await response.text(maximumBody)).slice(0, limit);
}

function parseResults(registry: string, body: string): readonly SearchResult[] {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return [];
  }
  const results = isObject(answer) && Array.isArray(answer["results"]) ? answer["results"].filter(isObject) : [];
  return results.map((result) => {
    const name = String(result["name"] ?? "");
    const library = registry === "docker.io" && !name.includes("/") ? "library/" : "";
    return {
      index: registry,
      name: hasRegistry(name) ? name : `${registry}/${library}${name}`,
      description: String(result["description"] ?? "").replaceAll("\n", " "),
      stars: typeof result["star_count"] === "number" ? result["star_count"] : 0,
      official: result["is_official"] === true,
      automated: result["is_automated"] === true,
    };
  });
}

function plain(registry: string, name: string): SearchResult {
  return { index: registry, name, description: "", stars: 0, official: false, automated: false };
}

function parseFilters(filters: readonly string[]): (result: SearchResult) => boolean {
  const tests = filters.map((filter) => {
    const equals = filter.indexOf("=");
    const key = equals === -1 ? filter : filter.slice(0, equals);
    const value = equals === -1 ? "true" : filter.slice(equals + 1);
    if (key === "stars" && /^\d+$/.test(value)) return (result: SearchResult) => result.stars >= Number(value);
    if (key === "is-official" && isBoolean(value)) return (result: SearchResult) => result.official === (value === "true");
    if (key === "is-automated" && isBoolean(value)) return (result: SearchResult) => result.automated === (value === "true");
    if (key === "stars") throw new ToolError("invalid-argument", `incorrect value type for stars filter: "${value}" is no number`);
    throw new ToolError("invalid-argument", `invalid filter type "${filter}"`);
  });
  return (result) => tests.every((test) => test(result));
}

function isBoolean(value: string): boolean {
  return value === "true" || value === "false";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
