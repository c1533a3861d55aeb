import { ToolError } from "@containers/common/errors/tool-error";
import { goJsonBytes, sortKeys } from "../manifest/go-json.ts";
import { guessMediaType } from "../manifest/guess-media-type.ts";
import { buildManifestList } from "../manifest/image-index.ts";
import type { Descriptor, ManifestList } from "../manifest/manifest.ts";
import { DOCKER_LIST, isListType, OCI_INDEX } from "../manifest/media-types.ts";
import { platformJson } from "../manifest/oci.ts";
import { parseManifestList } from "../manifest/parse.ts";

/** An entry of a list: what both formats can say of it. `features` is Docker's alone; annotations, data and artifact type are OCI's alone. */
export interface ListEntry extends Descriptor {
  readonly features?: readonly string[];
}

/** A manifest list under work, in neither format: which one it is written in follows from what it has to say. */
export interface ListContent {
  readonly entries: readonly ListEntry[];
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const emptyList: ListContent = { entries: [] };

/**
 * Reads a list of either format.
 *
 * @throws unsupported (code `not-a-manifest-list`) for anything else; corrupt
 */
export function parseListContent(bytes: Uint8Array): ListContent {
  const mediaType = guessMediaType(bytes);
  if (!isListType(mediaType)) {
    throw new ToolError("unsupported", `manifest is of type ${mediaType === "" ? "unknown" : mediaType} (not a list type)`, {
      code: "not-a-manifest-list",
    });
  }
  const list = parseManifestList(bytes, mediaType);
  const features = mediaType === DOCKER_LIST ? featuresOf(bytes) : [];
  return {
    entries: list.manifests.map((entry, index) => ({ ...entry, ...(features[index] ? { features: features[index] } : {}) })),
    artifactType: list.artifactType,
    subject: list.subject,
    annotations: list.annotations,
  };
}

/** Docker's `platform.features`, which the common form of a list leaves out. */
function featuresOf(bytes: Uint8Array): ReadonlyArray<readonly string[] | undefined> {
  const parsed = JSON.parse(new TextDecoder().decode(bytes)) as { manifests?: Array<{ platform?: { features?: unknown } }> | null };
  return (parsed.manifests ?? []).map(({ platform }) => {
    const value = platform?.features;
    return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
  });
}

/** The format that loses nothing; of both, OCI's, but an empty list is Docker's, because that one names its type. */
export function preferredListType(list: ListContent): string {
  const onlyOci =
    list.artifactType !== undefined ||
    list.subject !== undefined ||
    !isEmpty(list.annotations) ||
    list.entries.some((entry) => entry.artifactType !== undefined || !isEmpty(entry.annotations) || entry.data !== undefined);
  if (onlyOci) return OCI_INDEX;
  if (list.entries.some((entry) => (entry.features?.length ?? 0) > 0)) return DOCKER_LIST;
  return list.entries.length === 0 ? DOCKER_LIST : OCI_INDEX;
}

/** The list's bytes in its {@link preferredListType}. */
export function buildListContent(list: ListContent): Uint8Array {
  if (preferredListType(list) === DOCKER_LIST) return dockerList(list);
  const index: Omit<ManifestList, "kind"> = {
    mediaType: OCI_INDEX,
    namesMediaType: true,
    manifests: list.entries.map((entry) => ({ ...entry, annotations: isEmpty(entry.annotations) ? undefined : entry.annotations })),
    artifactType: list.artifactType,
    subject: list.subject,
    annotations: isEmpty(list.annotations) ? undefined : sortKeys(list.annotations ?? {}),
  };
  return buildManifestList(index);
}

function dockerList(list: ListContent): Uint8Array {
  return goJsonBytes({
    schemaVersion: 2,
    mediaType: DOCKER_LIST,
    manifests: list.entries.map(({ mediaType, size, digest, urls, platform, features }) => ({
      mediaType,
      size,
      digest,
      urls,
      platform: { ...platformJson(platform ?? { os: "", architecture: "" }), features },
    })),
  });
}

/** The list with this entry at its end, in place of one with the same digest. */
export function addEntry(list: ListContent, entry: ListEntry): ListContent {
  return { ...list, entries: [...list.entries.filter(({ digest }) => digest !== entry.digest), entry] };
}

/** @throws not-found */
export function removeEntry(list: ListContent, digest: string): ListContent {
  const entries = list.entries.filter((entry) => entry.digest !== digest);
  if (entries.length === list.entries.length) {
    throw new ToolError("not-found", `no instance matching digest "${digest}" found in manifest list: file does not exist`);
  }
  return { ...list, entries };
}

/** @throws not-found */
export function updateEntry(list: ListContent, digest: string, update: (entry: ListEntry) => ListEntry): ListContent {
  if (!list.entries.some((entry) => entry.digest === digest)) {
    throw new ToolError("not-found", `no Docker manifest matching digest "${digest}" was found in list: no manifest matches digest`);
  }
  return { ...list, entries: list.entries.map((entry) => (entry.digest === digest ? update(entry) : entry)) };
}

export function isEmpty(map: Readonly<Record<string, string>> | undefined): boolean {
  return map === undefined || Object.keys(map).length === 0;
}
