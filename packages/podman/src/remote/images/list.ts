import { isErrorOfKind, wrapError } from "@containers/common/errors/tool-error";
import type { HistoryEntry } from "@containers/image/local-images/history";
import type { ImageListing } from "@containers/image/local-images/list";
import type { SearchOptions, SearchResult } from "@containers/image/local-images/search";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { registryAuthHeader } from "../registry-headers.ts";
import { exists, getJson, readJson, type Service, segment } from "../service.ts";
import { number, record, records, text, textMap, texts, type Wire } from "../wire.ts";

/** The route of a question about an image. Slashes of the name are part of the segment. */
export function imagePath(name: string, question: string): string {
  return `/images/${segment(name)}/${question}`;
}

/** `key=value` texts as the API has filters: key → values. A negated key keeps its `!`. */
export function filterQuery(filters: readonly string[]): string {
  const byKey: Record<string, string[]> = {};
  for (const filter of filters) {
    const equals = filter.indexOf("=");
    (byKey[filter.slice(0, equals)] ??= []).push(filter.slice(equals + 1));
  }
  return JSON.stringify(byKey);
}

export async function listImages(
  service: Service,
  options: { readonly all: boolean; readonly filters: readonly string[] },
): Promise<ImageListing[]> {
  return records(await getJson(service, "/images/json", { all: options.all, filters: filterQuery(options.filters) })).map(listing);
}

function listing(wire: Wire): ImageListing {
  const names = texts(wire["Names"]).length > 0 ? texts(wire["Names"]) : texts(wire["RepoTags"]);
  return {
    id: text(wire["Id"]),
    parentId: text(wire["ParentId"]),
    names,
    repoDigests: texts(wire["RepoDigests"]),
    digest: text(wire["Digest"]),
    namesHistory: texts(wire["History"]),
    created: new Date(number(wire["Created"]) * 1000).toISOString(),
    size: number(wire["Size"]),
    labels: textMap(wire["Labels"]),
    containers: number(wire["Containers"]),
    readOnly: wire["ReadOnly"] === true,
    dangling: wire["Dangling"] === true,
    isManifestList: wire["IsManifestList"] === true,
    architecture: text(wire["Arch"]),
    os: text(wire["Os"]),
  };
}

export function imageExists(service: Service, name: string): Promise<boolean> {
  return exists(service, imagePath(name, "exists"));
}

/** Everything that is known of an image, as the service says it. @throws ToolError not-found */
export async function inspectImage(service: Service, name: string): Promise<unknown> {
  try {
    return await getJson(service, imagePath(name, "json"));
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) throw wrapError(`unable to inspect ${JSON.stringify(name)}`, error);
    throw error;
  }
}

export async function imageHistory(service: Service, name: string): Promise<HistoryEntry[]> {
  return records(await getJson(service, imagePath(name, "history"))).map((step) => ({
    id: text(step["Id"] ?? step["ID"]),
    created: new Date(number(step["Created"]) * 1000).toISOString().replace(".000Z", "Z"),
    createdBy: text(step["CreatedBy"]),
    comment: text(step["Comment"]),
    size: number(step["Size"]),
    tags: texts(step["Tags"]),
  }));
}

/** The tree as the service drew it. */
export async function imageTree(service: Service, name: string, whatRequires: boolean): Promise<string> {
  const { Tree: drawn } = record(await getJson(service, imagePath(name, "tree"), { whatrequires: whatRequires }));
  return `${text(drawn)}\n`;
}

export async function searchImages(
  service: Service,
  term: string,
  access: RegistryAccess,
  options: SearchOptions,
): Promise<SearchResult[]> {
  const response = await service.request("GET", "/images/search", {
    query: {
      term,
      limit: options.limit,
      filters: filterQuery(options.filters ?? []),
      listTags: options.listTags ?? false,
      tlsVerify: access.tlsVerify,
    },
    headers: registryAuthHeader(access),
  });
  return records(await readJson(response)).map((found) => ({
    index: text(found["Index"]),
    name: text(found["Name"]),
    description: text(found["Description"]),
    stars: number(found["Stars"]),
    official: text(found["Official"]) !== "",
    automated: text(found["Automated"]) !== "",
    tag: text(found["Tag"]),
  }));
}
