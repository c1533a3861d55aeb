import { isDigest } from "@containers/common/digest/digest";
import { z } from "zod";

/** What a manifest from a registry, an archive or a directory must look like. Nothing in it is trusted before it passed here. */

const digest = z.string().refine(isDigest, "not a valid digest");
const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const strings = z.record(z.string(), z.string());

export const platformSchema = z.looseObject({
  os: z.string().default(""),
  architecture: z.string().default(""),
  variant: z.string().optional(),
  "os.version": z.string().optional(),
  "os.features": z.array(z.string()).nullish(),
});

export const descriptorSchema = z.looseObject({
  mediaType: z.string().default(""),
  digest,
  size,
  urls: z.array(z.string()).nullish(),
  annotations: strings.nullish(),
  data: z.string().nullish(),
  platform: platformSchema.nullish(),
  artifactType: z.string().optional(),
});

export const imageManifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema).nullish(),
  subject: descriptorSchema.nullish(),
  annotations: strings.nullish(),
});

export const manifestListSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  manifests: z.array(descriptorSchema).nullish(),
  subject: descriptorSchema.nullish(),
  annotations: strings.nullish(),
});

/** The part of an image's config that copying relies on; the rest stays as it is. */
export const imageConfigSchema = z.looseObject({
  created: z.string().nullish(),
  architecture: z.string().optional(),
  os: z.string().optional(),
  variant: z.string().optional(),
  rootfs: z.looseObject({ type: z.string().optional(), diff_ids: z.array(digest).nullish() }).nullish(),
  history: z.array(z.looseObject({ empty_layer: z.boolean().optional() })).nullish(),
  config: z.looseObject({}).nullish(),
});

export type WireDescriptor = z.infer<typeof descriptorSchema>;
export type WireImageConfig = z.infer<typeof imageConfigSchema>;
