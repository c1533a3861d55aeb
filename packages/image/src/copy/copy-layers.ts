import { ToolError } from "@containers/common/errors/tool-error";
import { chunkedOnly, withoutChunked } from "@containers/storage/chunked/annotations";
import { isEncrypted } from "../encryption/layer-crypt.ts";
import type { ImageManifest } from "../manifest/manifest.ts";
import { DOCKER_CONFIG, OCI_CONFIG } from "../manifest/media-types.ts";
import { parseImageConfig } from "../manifest/parse.ts";
import type { BlobInfo } from "../transports/transport.ts";
import { type BlobCopy, copyLayer } from "./copy-blob.ts";
import type { OneImage } from "./copy-one.ts";
import { runParallel } from "./run-parallel.ts";

const DEFAULT_PARALLEL = 6;

/** The layers as the new manifest names them, base first. */
export async function copyLayers(
  copy: BlobCopy,
  image: OneImage,
  of: { readonly manifest: ImageManifest; readonly config: Uint8Array },
): Promise<ImageManifest["layers"]> {
  const { manifest } = of;
  const instead = await copy.source.layerInfosForCopy?.(image.instance);
  const layers: readonly BlobInfo[] = instead ?? manifest.layers;
  if (layers.length !== manifest.layers.length)
    throw new ToolError("corrupt", `the manifest names ${manifest.layers.length} layers, the source has ${layers.length}`);
  const diffIds = diffIdsOf(manifest, of.config);
  copy.destination.prepareLayers?.(layers.map((layer, index) => ({ digest: layer.digest, diffId: diffIds?.[index] })));
  const sourceReference = copy.source.reference.transport === "docker" ? copy.source.reference.dockerReference : undefined;
  const limit = copy.source.parallelBlobs && copy.destination.parallelBlobs ? (copy.options.parallel ?? DEFAULT_PARALLEL) : 1;
  const done = new Map<string, Promise<BlobInfo>>();
  return await runParallel(layers, { limit, signal: copy.options.signal }, async (layer, signal, layerIndex) => {
    const original = manifest.layers[layerIndex] ?? layer;
    if (copy.destination.acceptsForeignLayers === true && (layer.urls?.length ?? 0) > 0)
      return { ...original, mediaType: original.mediaType ?? "" };
    const put = { isConfig: false, layerIndex, diffId: diffIds?.[layerIndex], sourceReference };
    // The same blob twice in one image is sent once, except where every position counts.
    const same = `${layer.digest}${copy.toEncrypt.has(layerIndex) ? " encrypted" : ""}`;
    const earlier = copy.destination.prepareLayers === undefined ? done.get(same) : undefined;
    const annotated = isEncrypted(original.mediaType) ? { ...layer, annotations: original.annotations } : layer;
    const stored = earlier === undefined ? copyLayer(copy, annotated, put, signal) : earlier;
    done.set(same, stored);
    return describeLayer(original, await stored);
  });
}

/** The layer as the new manifest names it. */
function describeLayer(original: BlobInfo, stored: BlobInfo): ImageManifest["layers"][number] {
  const annotations = annotationsOf(original, stored);
  return {
    ...original,
    mediaType: stored.mediaType === undefined || stored.mediaType === "" ? (original.mediaType ?? "") : stored.mediaType,
    digest: stored.digest,
    size: stored.size >= 0 ? stored.size : original.size,
    annotations: annotations === undefined || Object.keys(annotations).length === 0 ? undefined : annotations,
  };
}

/** What was said of the original's parts does not hold for other bytes with the same contents; what ciphers need is the layer's own. */
function annotationsOf(original: BlobInfo, stored: BlobInfo): BlobInfo["annotations"] {
  if (stored.digest === original.digest) return original.annotations;
  if (isEncrypted(original.mediaType) || isEncrypted(stored.mediaType)) return stored.annotations ?? original.annotations;
  return { ...withoutChunked(original.annotations), ...chunkedOnly(stored.annotations) };
}

/** The layers' diff ids, when the config is an image's and agrees with the manifest on their number. */
function diffIdsOf(manifest: ImageManifest, config: Uint8Array): readonly string[] | undefined {
  if (manifest.config.mediaType !== OCI_CONFIG && manifest.config.mediaType !== DOCKER_CONFIG) return undefined;
  const diffIds = parseImageConfig(config).rootfs?.diff_ids ?? undefined;
  return diffIds?.length === manifest.layers.length ? diffIds : undefined;
}
