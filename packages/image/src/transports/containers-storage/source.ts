import { drain, streamOf } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageRecord, LayerRecord, Store } from "@containers/storage/store";
import { guessMediaType } from "../../manifest/guess-media-type.ts";
import { DOCKER_LAYER, DOCKER_LAYER_GZIP, DOCKER_MANIFEST, OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD } from "../../manifest/media-types.ts";
import { parseImageManifest } from "../../manifest/parse.ts";
import type { BlobInfo, ImageReference, ImageSource, RawManifest } from "../transport.ts";
import { MANIFEST_KEY, manifestKey, parseMetadata, SIGNATURES_KEY, signatureKey } from "./big-data-keys.ts";
import { findImage } from "./find-image.ts";
import type { StorageName } from "./reference.ts";

/** Opens an image of the store. Layers are handed out uncompressed, byte for byte as their diff ids say. */
export async function openStorageSource(reference: ImageReference, name: StorageName, store: Store): Promise<ImageSource> {
  const image = findImage(store, name);
  const layerIds = new Map<string, string>();
  return {
    reference,
    parallelBlobs: true,
    manifest: async (instance) => readManifest(store, image, instance ?? name.named?.digest, instance !== undefined),
    layerInfosForCopy: async (instance) =>
      layerInfos(store, image, { manifest: readManifest(store, image, instance ?? name.named?.digest, instance !== undefined), layerIds }),
    async compressedVariants(info) {
      return store.layers.findByDiffDigest(info.digest).flatMap((layer) => compressedForm(layer, info));
    },
    async blob(info, options) {
      const layer = layerOf(store, info.digest, layerIds);
      if (layer !== undefined) return { stream: store.layers.diff(layer.id, options), size: layer.diffSize ?? -1 };
      const bytes = store.images.bigData(image.id, info.digest);
      if (bytes === undefined) throw new ToolError("not-found", `blob ${info.digest} is not part of image ${image.id}`);
      return { stream: streamOf(bytes), size: bytes.length };
    },
    async findDamage(info) {
      const layer = layerOf(store, info.digest, layerIds);
      return layer === undefined ? undefined : await drain(store.layers.diff(layer.id)).catch((error: unknown) => error);
    },
    signatures: async (instance) => readSignatures(store, image, instance),
    close: async () => undefined,
  };
}

function readManifest(store: Store, image: ImageRecord, digest: string | undefined, required: boolean): RawManifest {
  const exact = digest === undefined ? undefined : store.images.bigData(image.id, manifestKey(digest));
  if (required && exact === undefined)
    throw new ToolError("not-found", `reading manifest for image instance ${digest}: image ${image.id} does not hold it`);
  const bytes = exact ?? store.images.bigData(image.id, MANIFEST_KEY);
  if (bytes === undefined) throw new ToolError("corrupt", `image ${image.id} has no manifest`);
  return { bytes, mediaType: guessMediaType(bytes) };
}

/** The layers as they stand in the store, base first. */
function layerInfos(
  store: Store,
  image: ImageRecord,
  of: { readonly manifest: RawManifest; readonly layerIds: Map<string, string> },
): readonly BlobInfo[] {
  const manifest = parseImageManifest(of.manifest.bytes, of.manifest.mediaType);
  const mediaType = manifest.mediaType === DOCKER_MANIFEST ? DOCKER_LAYER : OCI_LAYER;
  const infos: BlobInfo[] = [];
  for (let id = image.layer; id !== undefined; ) {
    const layer: LayerRecord | undefined = store.layers.get(id);
    if (layer === undefined)
      throw new ToolError("corrupt", `layer ${id} of image ${image.id} is missing`, { hint: "remove the image and pull it again" });
    // A claim is as good here: the copy verifies what it reads.
    const digest = layer.diffDigest ?? (layer.tocDigest === undefined ? undefined : layer.claimedDiffId);
    if (digest === undefined) throw new ToolError("corrupt", `uncompressed digest of layer ${id} is unknown`);
    of.layerIds.set(digest, layer.id);
    infos.unshift({ digest, size: layer.diffSize ?? -1, mediaType });
    id = layer.parent;
  }
  if (infos.length !== manifest.layers.length)
    throw new ToolError("corrupt", `image ${image.id} has ${infos.length} layers, its manifest names ${manifest.layers.length}`);
  return infos;
}

function layerOf(store: Store, digest: string, layerIds: ReadonlyMap<string, string>): LayerRecord | undefined {
  const id = layerIds.get(digest);
  return id === undefined ? store.layers.findByDiffDigest(digest)[0] : store.layers.get(id);
}

function compressedForm(layer: LayerRecord, info: BlobInfo): readonly BlobInfo[] {
  const { compressedDigest, compressedSize, compression } = layer;
  if (compressedDigest === undefined || compressedDigest === layer.diffDigest) return [];
  const docker = info.mediaType?.startsWith("application/vnd.docker.") === true;
  const mediaType =
    compression === 2 ? (docker ? DOCKER_LAYER_GZIP : OCI_LAYER_GZIP) : compression === 4 && !docker ? OCI_LAYER_ZSTD : undefined;
  return mediaType === undefined ? [] : [{ digest: compressedDigest, size: compressedSize ?? -1, mediaType }];
}

function readSignatures(store: Store, image: ImageRecord, instance: string | undefined): readonly Uint8Array[] {
  const metadata = parseMetadata(image.metadata);
  const sizes = (instance === undefined ? metadata["signature-sizes"] : metadata["signatures-sizes"]?.[instance]) ?? [];
  if (sizes.length === 0) return [];
  const bytes = store.images.bigData(image.id, instance === undefined ? SIGNATURES_KEY : signatureKey(instance));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes === undefined || bytes.length !== total)
    throw new ToolError("corrupt", `the signatures of image ${image.id} do not have the ${total} bytes that its metadata says`);
  let at = 0;
  return sizes.map((size) => bytes.subarray(at, (at += size)));
}
