import { closeSync } from "node:fs";
import { type ByteStream, readAll } from "@containers/common/digest/byte-stream";
import { sha256, verifyBytes } from "@containers/common/digest/digest";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Store } from "@containers/storage/store";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "../../manifest/media-types.ts";
import { MAX_CONFIG_BYTES, parseImageConfig, parseImageManifest } from "../../manifest/parse.ts";
import { openUnnamedFile, readRange, temporaryDirectory, writeStream } from "../blob-file.ts";
import type { BlobInfo, ImageContext, ImageDestination, ImageReference, PutBlobOptions, RawManifest } from "../transport.ts";
import { commitImage } from "./commit.ts";
import { findSameContents, LayerStack, planLayers } from "./layer-stack.ts";
import type { StorageName } from "./reference.ts";

/** Opens the store for one more image. Layers go in as they come; the image is recorded at commit. */
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
    tryReuseBlob: (info, options) => (options.isConfig ? Promise.resolve(undefined) : writer.reuseLayer(info, options)),
    putManifest: async (bytes, mediaType) => writer.putManifest({ bytes, mediaType }),
    putSignatures: async (signatures, instance) => writer.putSignatures(signatures, instance),
    commit: async (toplevel) => writer.commit(name, toplevel),
    close: async () => writer.close(),
  };
}

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
    this.#stack = new LayerStack(store, []);
  }

  prepare(layers: ReadonlyArray<{ readonly digest: string; readonly diffId?: string }>): void {
    this.#stack = new LayerStack(this.#store, planLayers(layers));
  }

  async putConfig(stream: ByteStream, info: BlobInfo): Promise<BlobInfo> {
    const bytes = await readAll(stream, MAX_CONFIG_BYTES, `config ${info.digest}`);
    const digest = info.digest === "" ? sha256(bytes) : info.digest;
    verifyBytes(bytes, digest, `config ${digest}`);
    this.#configs.set(digest, bytes);
    return { ...info, digest, size: bytes.length };
  }

  async putLayer(stream: ByteStream, info: BlobInfo, options: PutBlobOptions): Promise<BlobInfo> {
    if (info.digest !== "") return await this.#putKnownLayer(stream, info, options);
    const hashed = hashingStream(stream);
    await this.#putKnownLayer(hashed.stream, info, options);
    return { ...info, digest: hashed.digest(), size: hashed.size() };
  }

  async #putKnownLayer(stream: ByteStream, info: BlobInfo, options: PutBlobOptions): Promise<BlobInfo> {
    const index = indexOf(options);
    const expected = { digest: info.digest === "" ? undefined : info.digest, size: info.size < 0 ? undefined : info.size };
    try {
      if (this.#stack.isNext(index)) {
        await this.#stack.put(index, { stream, ...expected });
        return info;
      }
      await this.#stageAndPut(index, stream, expected);
      return info;
    } catch (error) {
      this.#stack.fail(error);
      throw error;
    }
  }

  async reuseLayer(info: BlobInfo, options: PutBlobOptions): Promise<BlobInfo | undefined> {
    const index = indexOf(options);
    const layer = this.#stack.at(index);
    if (this.#store.layers.get(layer.id) !== undefined && findSameContents(this.#store, layer) !== undefined) {
      this.#stack.reuse(index);
      return info;
    }
    const same = findSameContents(this.#store, layer);
    if (same === undefined) return undefined;
    await this.#stack.below(index);
    await this.#stack.put(index, { stream: this.#store.layers.diff(same.id) });
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
    const manifest = parseImageManifest(this.#manifest.bytes, this.#manifest.mediaType);
    const config = this.#configs.get(manifest.config.digest);
    if (config === undefined) throw new ToolError("internal", `the config ${manifest.config.digest} was not put`);
    checkDiffIds(config, this.#stack);
    commitImage(this.#store, { name, toplevel, manifest: this.#manifest, configDigest: manifest.config.digest, config, layer: this.#stack.layers.at(-1)?.id, signatures: this.#signatures });
  }

  close(): void {
    this.#stack.fail(new ToolError("cancelled", "the copy ended before the layer below was stored"));
  }

  /** Keeps the blob in a nameless file until its turn, so that downloads go on while the layers below are extracted. */
  async #stageAndPut(index: number, stream: ByteStream, expected: { readonly digest?: string; readonly size?: number }): Promise<void> {
    const fd = openUnnamedFile(this.#directory);
    try {
      const size = await writeStream(fd, stream);
      await this.#stack.below(index);
      await this.#stack.put(index, { stream: readRange(fd, 0, size), ...expected });
    } finally {
      closeSync(fd);
    }
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
