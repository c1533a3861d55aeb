import { isDigest } from "@containers/common/digest/digest";
import * as z from "zod/mini";

/**
 * What a manifest from a registry, an archive or a directory must look like. Nothing in it is trusted before it passed here.
 * `zod/mini`, because all of zod takes longer to load than a small image takes to pull.
 */

const digest = z.string().check(z.refine(isDigest, "not a valid digest"));
const size = z.number().check(z.int(), z.nonnegative(), z.maximum(Number.MAX_SAFE_INTEGER));
const strings = z.record(z.string(), z.string());

export const platformSchema = z.looseObject({
  os: z._default(z.string(), ""),
  architecture: z._default(z.string(), ""),
  variant: z.optional(z.string()),
  "os.version": z.optional(z.string()),
  "os.features": z.nullish(z.array(z.string())),
});

export const descriptorSchema = z.looseObject({
  mediaType: z._default(z.string(), ""),
  digest,
  size,
  urls: z.nullish(z.array(z.string())),
  annotations: z.nullish(strings),
  data: z.nullish(z.string()),
  platform: z.nullish(platformSchema),
  artifactType: z.optional(z.string()),
});

export const imageManifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  artifactType: z.optional(z.string()),
  config: descriptorSchema,
  layers: z.nullish(z.array(descriptorSchema)),
  subject: z.nullish(descriptorSchema),
  annotations: z.nullish(strings),
});

export const manifestListSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  artifactType: z.optional(z.string()),
  manifests: z.nullish(z.array(descriptorSchema)),
  subject: z.nullish(descriptorSchema),
  annotations: z.nullish(strings),
});

/** The part of an image's config that copying relies on; the rest stays as it is. */
export const imageConfigSchema = z.looseObject({
  created: z.nullish(z.string()),
  architecture: z.optional(z.string()),
  os: z.optional(z.string()),
  variant: z.optional(z.string()),
  rootfs: z.nullish(z.looseObject({ type: z.optional(z.string()), diff_ids: z.nullish(z.array(digest)) })),
  history: z.nullish(z.array(z.looseObject({ empty_layer: z.optional(z.boolean()) }))),
  config: z.nullish(z.looseObject({})),
});

export type WireDescriptor = z.infer<typeof descriptorSchema>;
export type WireImageConfig = z.infer<typeof imageConfigSchema>;
