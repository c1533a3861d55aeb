import { isDigest } from "@containers/common/digest/digest";
import { flag, list, literal, map, nullish, object, optional, size, text, textThat, withDefault } from "./shape.ts";

/** What a manifest from a registry, an archive or a directory must look like. Nothing in it is trusted before it passed here. */

const digest = textThat(isDigest, "not a valid digest");
const strings = map(text);

export const platformShape = object({
  os: withDefault(text, ""),
  architecture: withDefault(text, ""),
  variant: optional(text),
  "os.version": optional(text),
  "os.features": nullish(list(text)),
});

export const descriptorShape = object({
  mediaType: withDefault(text, ""),
  digest,
  size,
  urls: nullish(list(text)),
  annotations: nullish(strings),
  data: nullish(text),
  platform: nullish(platformShape),
  artifactType: optional(text),
});

export const imageManifestShape = object({
  schemaVersion: literal(2),
  mediaType: optional(text),
  artifactType: optional(text),
  config: descriptorShape,
  layers: nullish(list(descriptorShape)),
  subject: nullish(descriptorShape),
  annotations: nullish(strings),
});

export const manifestListShape = object({
  schemaVersion: literal(2),
  mediaType: optional(text),
  artifactType: optional(text),
  manifests: nullish(list(descriptorShape)),
  subject: nullish(descriptorShape),
  annotations: nullish(strings),
});

/** The part of an image's config that copying relies on; the rest stays as it is. */
export const imageConfigShape = object({
  created: nullish(text),
  architecture: optional(text),
  os: optional(text),
  variant: optional(text),
  rootfs: nullish(object({ type: optional(text), diff_ids: nullish(list(digest)) })),
  history: nullish(list(object({ empty_layer: optional(flag) }))),
  config: nullish(object({})),
});

export type WireDescriptor = ReturnType<typeof descriptorShape>;
export type WireImageConfig = ReturnType<typeof imageConfigShape>;
