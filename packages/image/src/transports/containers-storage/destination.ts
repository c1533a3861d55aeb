import { type ByteStream, readAll } from "@containers/common/digest/byte-stream";
import { sha256, verifyBytes } from "@containers/common/digest/digest";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { TOC_DIGEST_KEY } from "@containers/storage/chunked/annotations";
import type { Store } from "@containers/storage/store";
import { isEncrypted } from "../../encryption/layer-crypt.ts";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "../../manifest/media-types.ts";
import { MAX_CONFIG_BYTES, parseImageConfig, parseImageManifest } from "../../manifest/parse.ts";
import { temporaryDirectory } from "../blob-file.ts";
import type { BlobInfo, ImageContext, ImageDestination, ImageReference, PutBlobOptions, RawManifest } from "../transport.ts";
import { commitImage } from "./commit.ts";
import { findSameContents, type LayerStack, newLayerStack, planLayers } from "./layer-stack.ts";
import type { StorageName } from "./reference.ts";

/**
 * Opens the store for one more image. Layers are unpacked beside the store as they come, side by side; layers and image are
 * put in place at commit. A copy that fails or is killed before leaves nothing but a temporary directory, which the store removes.
 */
export async function openStorageDestination(
  reference: ImageReference,
  name: StorageName,
  place: { readonly store: Store; readonly context: ImageContext },
): Promise<ImageDestination> {
  const writer = new StorageWriter(place.store, temporaryDirectory(place.context.temporaryDirectory));
  return {
    reference,
    supportedManifestTypes: [OCI_MANIFEST, DOCKER_MANIFEST],
    layerCompression: "preserve",
    parallelBlobs: true,
    acceptsLists: false,
    mustMatchRuntimePlatform: true,
    verifiesBlobs: true,
    prepareLayers: (layers) => writer.prepare(layers),
    putBlob: (stream, info, options) => (options.isConfig ? writer.putConfig(stream, info) : writer.putLayer(stream, info, options)),
    ...(place.store.pullOptions.enablePartialImages && place.store.driverName === "overlay"
      ? { putPartialBlob: (info, read, options) => writer.putPartialLayer(info, read, options) }
      : {}),
    tryReuseBlob: (info, options) => (options.isConfig ? Promise.resolve(undefined) : writer.reuseLayer(info, options)),
    putManifest: async (bytes, mediaType) => writer.putManifest({ bytes, mediaType }),
    putSignatures: async (signatures, instance) => writer.putSignatures(signatures, instance),
    commit: async (toplevel) => writer.commit(name, toplevel),
    close: async () => writer.close(),
  };
}

type PartialReader = Parameters<NonNullable<ImageDestination["putPartialBlob"]>>[1];

/** What has been put so far. */
class StorageWriter {
  readonly #store: Store;
  readonly #directory: string;
  readonly #configs = new Map<string, Uint8Array>();
  readonly #signatures = new Map<string, readonly Uint8Array[]>();
  #stack: LayerStack;
  #manifest: RawManifest | undefined;

  constructor(store: Store, directory: string) {
    this.#store = store;
    this.#directory = directory;
    this.#stack = newLayerStack(store, [], directory);
  }

  prepare(layers: ReadonlyArray<{ readonly digest: string; readonly diffId?: string }>): void {
    this.#stack = newLayerStack(this.#store, planLayers(layers), this.#directory);
  }

  async putConfig(stream: ByteStream, info: BlobInfo): Promise<BlobInfo> {
    const bytes = await readAll(stream, MAX_CONFIG_BYTES, `config ${info.digest}`);
    const digest = info.digest === "" ? sha256(bytes) : info.digest;
    verifyBytes(bytes, digest, `config ${digest}`);
    this.#configs.set(digest, bytes);
    return { ...info, digest, size: bytes.length };
  }

  async putLayer(stream: ByteStream, info: BlobInfo, options: PutBlobOptions): Promise<BlobInfo> {
    if (isEncrypted(info.mediaType)) {
      throw new ToolError("unsupported", "the layer is encrypted, and the store keeps layers unpacked", {
        hint: "name the key that opens it with --decryption-key",
      });
    }
    const size = info.size < 0 ? undefined : info.size;
    if (info.digest !== "") {
      await this.#stack.stage(indexOf(options), { stream, digest: info.digest, size });
      return info;
    }
    const hashed = hashingStream(stream);
    await this.#stack.stage(indexOf(options), { stream: hashed.stream, size });
    return { ...info, digest: hashed.digest(), size: hashed.size() };
  }

  async putPartialLayer(
    info: BlobInfo,
    read: PartialReader,
    options: PutBlobOptions,
  ): Promise<{ readonly blob: BlobInfo; readonly fetched: number } | undefined> {
    const { annotations } = info;
    if (annotations === undefined || info.size < 0) return undefined;
    try {
      const origin = await this.#store.layers.openPartial({ annotations, size: info.size, read });
      if (origin === undefined) return undefined;
      await this.#stack.stage(indexOf(options), { stream: origin.stream, origin });
      return { blob: info, fetched: origin.fetched };
    } catch (error) {
      // The layer may be fine, but not in parts.
      if (error instanceof ToolError && ["not-partial", "no-ranges", "connection-reset"].includes(error.code)) return undefined;
      throw error;
    }
  }

  /** A blob counts as known only when its own digest was verified with this diff id before: the manifest's word is not enough. */
  async reuseLayer(info: BlobInfo, options: PutBlobOptions): Promise<BlobInfo | undefined> {
    const index = indexOf(options);
    const layer = this.#stack.layers[index];
    const same = layer === undefined ? undefined : findSameContents(this.#store, layer, info.annotations?.[TOC_DIGEST_KEY]);
    if (same === undefined) return undefined;
    if (!this.#stack.isThere(index)) await this.#stack.stage(index, { stream: this.#store.layers.diff(same.id) });
    return info;
  }

  putManifest(manifest: RawManifest): void {
    this.#manifest = manifest;
  }

  putSignatures(signatures: readonly Uint8Array[], instance: string | undefined): void {
    this.#signatures.set(instance ?? "", signatures);
  }

  commit(name: StorageName, toplevel: RawManifest): void {
    if (this.#manifest === undefined) throw new ToolError("internal", "an image was committed without a manifest");
    const manifest = this.#manifest;
    const configDigest = parseImageManifest(manifest.bytes, manifest.mediaType).config.digest;
    const config = this.#configs.get(configDigest);
    if (config === undefined) throw new ToolError("internal", `the config ${configDigest} was not put`);
    checkDiffIds(config, this.#stack);
    const layer = this.#stack.layers.at(-1)?.id;
    this.#stack.commit(() =>
      commitImage(this.#store, { name, toplevel, manifest, configDigest, config, layer, signatures: this.#signatures }),
    );
  }

  close(): void {
    this.#stack.discard();
  }
}

function indexOf(options: PutBlobOptions): number {
  if (options.layerIndex === undefined) throw new ToolError("internal", "a layer for the store came without its position");
  return options.layerIndex;
}

/** The layers that were stored must be those that the config, which names the image, claims. */
function checkDiffIds(config: Uint8Array, stack: LayerStack): void {
  const claimed = parseImageConfig(config).rootfs?.diff_ids ?? [];
  const stored = stack.layers.map((layer) => layer.diffId);
  if (claimed.length !== stored.length || claimed.some((diffId, index) => diffId !== stored[index])) {
    throw new ToolError("corrupt", "the config's layers are not those of the manifest");
  }
}
