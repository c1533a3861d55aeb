import { goJsonBytes, sortKeys } from "./go-json.ts";
import type { Descriptor, ManifestList } from "./manifest.ts";
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from "./media-types.ts";
import { ociDescriptor, platformJson } from "./oci.ts";

/** The bytes of a manifest list or image index, by its media type. */
export function buildManifestList(list: Omit<ManifestList, "kind">): Uint8Array {
  return list.mediaType === DOCKER_LIST ? buildDockerList(list) : buildOciIndex(list);
}

/** The list with some instances changed, keyed by the digest they had. */
export function updateInstances(
  list: ManifestList,
  changed: ReadonlyMap<string, Pick<Descriptor, "digest" | "size" | "mediaType" | "annotations">>,
): ManifestList {
  return { ...list, manifests: list.manifests.map((entry) => ({ ...entry, ...changed.get(entry.digest) })) };
}

/** The list in the other format. The instances keep their bytes, so their media types stay what they are. */
export function convertManifestList(list: ManifestList, mediaType: string): ManifestList {
  if (list.mediaType === mediaType) return list;
  return { ...list, mediaType, namesMediaType: true };
}

function buildOciIndex(list: Omit<ManifestList, "kind">): Uint8Array {
  return goJsonBytes({
    schemaVersion: 2,
    mediaType: list.namesMediaType ? OCI_INDEX : undefined,
    artifactType: list.artifactType,
    manifests: list.manifests.map((entry) =>
      ociDescriptor({ ...entry, mediaType: entry.mediaType === "" ? OCI_MANIFEST : entry.mediaType }),
    ),
    subject: list.subject === undefined ? undefined : ociDescriptor(list.subject),
    annotations: list.annotations === undefined ? undefined : sortKeys(list.annotations),
  });
}

function buildDockerList(list: Omit<ManifestList, "kind">): Uint8Array {
  return goJsonBytes({
    schemaVersion: 2,
    mediaType: DOCKER_LIST,
    manifests: list.manifests.map((entry) => ({
      mediaType: entry.mediaType === "" ? DOCKER_MANIFEST : entry.mediaType,
      size: entry.size,
      digest: entry.digest,
      urls: entry.urls,
      platform: platformJson(entry.platform ?? { os: "", architecture: "" }),
    })),
  });
}
