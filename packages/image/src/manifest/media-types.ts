export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
export const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
export const OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
export const OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
export const OCI_LAYER_NONDISTRIBUTABLE = "application/vnd.oci.image.layer.nondistributable.v1.tar";

export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
export const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
export const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
export const DOCKER_LAYER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";
export const DOCKER_LAYER_ZSTD = "application/vnd.docker.image.rootfs.diff.tar.zstd";
export const DOCKER_FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar";
export const DOCKER_FOREIGN_LAYER_GZIP = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

export const DOCKER_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json";
export const DOCKER_SCHEMA1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/** What to ask a registry for, best first. */
export const ACCEPTED_MANIFESTS: readonly string[] = [
  OCI_MANIFEST,
  DOCKER_MANIFEST,
  DOCKER_SCHEMA1_SIGNED,
  DOCKER_SCHEMA1,
  DOCKER_LIST,
  OCI_INDEX,
];

/** True for a manifest list or an image index. */
export function isListType(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_LIST;
}

/** True for Docker's first schema, signed or not. */
export function isSchema1(mediaType: string): boolean {
  return mediaType === DOCKER_SCHEMA1 || mediaType === DOCKER_SCHEMA1_SIGNED;
}

export function isDockerType(mediaType: string): boolean {
  return mediaType.startsWith("application/vnd.docker.");
}

/** The media type without parameters, in lower case: `application/json; charset=utf-8` is `application/json`. */
export function bareMediaType(header: string): string {
  return (header.split(";")[0] ?? "").trim().toLowerCase();
}

export type Compression = "none" | "gzip" | "zstd" | "xz" | "bzip2";

/** How a layer of this media type is compressed, as far as the type tells; foreign and unknown types give undefined. */
export function layerCompressionOf(mediaType: string): Compression | undefined {
  if (mediaType.endsWith("+gzip") || mediaType.endsWith(".gzip")) return "gzip";
  if (mediaType.endsWith("+zstd") || mediaType.endsWith(".zstd")) return "zstd";
  if (mediaType.endsWith(".tar")) return "none";
  return undefined;
}

/** True for layers that are fetched from the URLs in their descriptor and never pushed. */
export function isForeignLayer(mediaType: string): boolean {
  return mediaType.startsWith(OCI_LAYER_NONDISTRIBUTABLE) || mediaType === DOCKER_FOREIGN_LAYER || mediaType === DOCKER_FOREIGN_LAYER_GZIP;
}

/** The media type of a layer like this one, compressed so; `undefined` where the family has no such type. */
export function layerTypeWith(mediaType: string, compression: Compression): string | undefined {
  if (isForeignLayer(mediaType)) return undefined;
  if (isDockerType(mediaType)) {
    // Docker's schema 2 has no type for zstd: an image with such layers must become an OCI image.
    return compression === "gzip" ? DOCKER_LAYER_GZIP : compression === "none" ? DOCKER_LAYER : undefined;
  }
  if (!mediaType.startsWith(OCI_LAYER)) return undefined;
  return { gzip: OCI_LAYER_GZIP, none: OCI_LAYER, zstd: OCI_LAYER_ZSTD, xz: undefined, bzip2: undefined }[compression];
}
