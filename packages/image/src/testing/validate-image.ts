import { readAll } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { imageConfigSchema, imageManifestSchema } from "@containers/common/oci-spec/image-spec";
import { decompressAny } from "../copy/compression.ts";
import { isForeignLayer } from "../manifest/media-types.ts";
import { MAX_CONFIG_BYTES, parseImageConfig, parseManifest } from "../manifest/parse.ts";
import type { ImageSource } from "../transports/transport.ts";

/** What {@link validateImage} found. */
export interface ValidatedImage {
  readonly digest: string;
  readonly configDigest: string;
  readonly diffIds: readonly string[];
  readonly layerDigests: readonly string[];
}

const MAX_TEST_LAYER = 2 ** 31;

/**
 * Reads everything of a single image and hashes it again: manifest, config, every blob, and every layer's
 * uncompressed contents against the diff ids; manifest and config must be what the OCI specification says. Throws corrupt at the first thing that is not right.
 */
export async function validateImage(source: ImageSource, instance?: string): Promise<ValidatedImage> {
  const raw = await source.manifest(instance);
  const manifest = parseManifest(raw.bytes, raw.mediaType);
  if (manifest.kind === "list") throw new ToolError("invalid-argument", "a list is not one image");
  const config = await readAll(verifyingStream((await source.blob(manifest.config)).stream, manifest.config), MAX_CONFIG_BYTES);
  imageManifestSchema.parse(JSON.parse(new TextDecoder().decode(raw.bytes)));
  imageConfigSchema.parse(JSON.parse(new TextDecoder().decode(config)));
  const claimed = parseImageConfig(config).rootfs?.diff_ids ?? [];
  const layers = (await source.layerInfosForCopy?.(instance)) ?? manifest.layers;
  const diffIds: string[] = [];
  for (const layer of layers) {
    if (isForeignLayer(layer.mediaType ?? "")) continue;
    const blob = await source.blob(layer);
    const bytes = await readAll(verifyingStream(blob.stream, { digest: layer.digest, size: layer.size }), MAX_TEST_LAYER);
    diffIds.push(sha256(await readAll((await decompressAny(only(bytes))).stream, MAX_TEST_LAYER)));
  }
  if (JSON.stringify(claimed) !== JSON.stringify(diffIds))
    throw new ToolError("corrupt", `diff ids differ: the config claims ${claimed.join(" ")}, the layers have ${diffIds.join(" ")}`);
  return {
    digest: sha256(raw.bytes),
    configDigest: manifest.config.digest,
    diffIds,
    layerDigests: manifest.layers.map((layer) => layer.digest),
  };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
