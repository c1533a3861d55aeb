import type { Descriptor } from "./manifest.ts";
import { isSchema1, layerCompressionOf } from "./media-types.ts";
import { parseImageManifest } from "./parse.ts";

/** Marks an entry of an index whose layers are zstd's, so that one can be chosen without reading the images. */
const ZSTD_ANNOTATION = "io.github.containers.compression.zstd";

/** What an entry of a list says of its layers; one that says nothing has gzip's. */
export function instanceCompression(entry: Descriptor): "gzip" | "zstd" {
  return entry.annotations?.[ZSTD_ANNOTATION] === "true" ? "zstd" : "gzip";
}

/** The annotations of an entry for this image, with the mark when one of its layers is zstd's. */
export function markedAnnotations(
  annotations: Descriptor["annotations"],
  image: { readonly manifest: Uint8Array; readonly mediaType: string },
): Descriptor["annotations"] {
  // Docker's first schema knows gzip alone.
  if (isSchema1(image.mediaType)) return annotations;
  const { layers } = parseImageManifest(image.manifest, image.mediaType);
  const zstd = layers.some(({ mediaType }) => layerCompressionOf(mediaType) === "zstd");
  return zstd ? { ...annotations, [ZSTD_ANNOTATION]: "true" } : annotations;
}

/** Entries of zstd stand behind the others: old programs take the first that they find. */
export function zstdLast(entries: readonly Descriptor[]): readonly Descriptor[] {
  const isZstd = (entry: Descriptor): boolean => instanceCompression(entry) === "zstd";
  return [...entries.filter((entry) => !isZstd(entry)), ...entries.filter(isZstd)];
}
