import * as z from "zod/mini";

/**
 * The OCI image specification (v1.1) as zod schemas, and the types that follow from them. They are the yardstick: tests hold what the tools
 * write, and the quick checks on the hot path, against these. A command does not load them, because zod takes longer to load than a
 * small image takes to inspect (packages/image/docs/decisions/0012-shapes-by-hand.md).
 */

const digestPattern = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const digest = z.string().check(z.regex(digestPattern, "not a valid digest"));
const size = z.number().check(z.int(), z.nonnegative(), z.maximum(Number.MAX_SAFE_INTEGER));
const annotations = z.nullish(z.record(z.string(), z.string()));

const platformSchema = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.optional(z.string()),
  "os.version": z.optional(z.string()),
  "os.features": z.nullish(z.array(z.string())),
});

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest,
  size,
  urls: z.nullish(z.array(z.string())),
  annotations,
  data: z.nullish(z.string()),
  platform: z.nullish(platformSchema),
  artifactType: z.optional(z.string()),
});

/** image-spec, manifest.md. */
export const imageManifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  artifactType: z.optional(z.string()),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
  subject: z.nullish(descriptorSchema),
  annotations,
});

/** image-spec, image-index.md; Docker's manifest list has the same form. */
export const imageIndexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.optional(z.string()),
  artifactType: z.optional(z.string()),
  manifests: z.array(descriptorSchema),
  subject: z.nullish(descriptorSchema),
  annotations,
});

/** image-spec, config.md. */
export const imageConfigSchema = z.looseObject({
  created: z.optional(z.string()),
  author: z.optional(z.string()),
  architecture: z.string(),
  os: z.string(),
  variant: z.optional(z.string()),
  config: z.nullish(
    z.looseObject({
      User: z.optional(z.string()),
      Env: z.nullish(z.array(z.string())),
      Entrypoint: z.nullish(z.array(z.string())),
      Cmd: z.nullish(z.array(z.string())),
      WorkingDir: z.optional(z.string()),
      Labels: z.nullish(z.record(z.string(), z.string())),
      StopSignal: z.optional(z.string()),
      Volumes: z.nullish(z.record(z.string(), z.unknown())),
      ExposedPorts: z.nullish(z.record(z.string(), z.unknown())),
    }),
  ),
  rootfs: z.looseObject({ type: z.literal("layers"), diff_ids: z.array(digest) }),
  history: z.nullish(
    z.array(
      z.looseObject({
        created: z.optional(z.string()),
        created_by: z.optional(z.string()),
        author: z.optional(z.string()),
        comment: z.optional(z.string()),
        empty_layer: z.optional(z.boolean()),
      }),
    ),
  ),
});

export type OciImageManifest = z.infer<typeof imageManifestSchema>;
export type OciImageIndex = z.infer<typeof imageIndexSchema>;
export type OciImageConfig = z.infer<typeof imageConfigSchema>;
