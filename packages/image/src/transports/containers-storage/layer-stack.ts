import { digestHex, sha256 } from "@containers/common/digest/digest";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { drain } from "@containers/common/digest/byte-stream";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import type { LayerRecord, Store } from "@containers/storage/store";

/** A layer of the image in the making. */
export interface PlannedLayer {
  readonly digest: string;
  readonly diffId: string;
  /** Where it stands: over the hashes of everything below, as the original tools compute it. */
  readonly id: string;
  readonly parent: string | undefined;
}

/** Fixes the ids of all layers, base first. */
export function planLayers(layers: ReadonlyArray<{ readonly digest: string; readonly diffId?: string }>): readonly PlannedLayer[] {
  const planned: PlannedLayer[] = [];
  for (const layer of layers) {
    if (layer.diffId === undefined) throw new ToolError("unsupported", "an image whose config does not tell the digests of its layers cannot be stored", { hint: "copy it to dir: or oci: instead" });
    const parent = planned.at(-1)?.id;
    planned.push({ digest: layer.digest, diffId: layer.diffId, id: layerId(parent, layer.diffId), parent });
  }
  return planned;
}

/** The base layer's id is its diff id; a higher one's is a hash over the parent's id and its diff id. */
export function layerId(parent: string | undefined, diffId: string): string {
  const hex = digestHex(diffId);
  return parent === undefined ? hex : digestHex(sha256(`${parent}+${hex}`));
}

/**
 * Puts layers into the store in the order in which they stack, however their blobs arrive: whoever is not next waits for
 * the layer below. Layers stay when the image is given up half way: another copy may stand on them already, and the
 * store collects what nothing uses.
 */
export class LayerStack {
  readonly #store: Store;
  readonly #layers: readonly PlannedLayer[];
  readonly #made: string[] = [];
  readonly #done: ReadonlyArray<{ readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (error: unknown) => void }>;

  constructor(store: Store, layers: readonly PlannedLayer[]) {
    this.#store = store;
    this.#layers = layers;
    this.#done = layers.map(() => {
      const deferred = Promise.withResolvers<void>();
      // A layer that nobody waits for may fail too.
      deferred.promise.catch(() => undefined);
      return deferred;
    });
  }

  get layers(): readonly PlannedLayer[] {
    return this.#layers;
  }

  /** Ids of the layers that this copy added to the store, base first. */
  get made(): readonly string[] {
    return this.#made;
  }

  at(index: number): PlannedLayer {
    const layer = this.#layers[index];
    if (layer === undefined) throw new ToolError("internal", `layer ${index} was not announced`);
    return layer;
  }

  /** True when the layer below is in the store, so that this one can be put without waiting. */
  isNext(index: number): boolean {
    const { parent } = this.at(index);
    return parent === undefined || this.#store.layers.get(parent) !== undefined;
  }

  /** Ends when the layer below is in the store; rejects when it failed to get there. */
  async below(index: number): Promise<void> {
    if (index > 0) await this.#done[index - 1]?.promise;
  }

  /** Puts the layer out of a stream of its blob or of its plain tar, verified against both digests. Needs {@link below} to have ended. */
  async put(index: number, blob: { readonly stream: ByteStream; readonly digest?: string; readonly size?: number }): Promise<void> {
    const layer = this.at(index);
    try {
      if (this.#store.layers.get(layer.id) === undefined) await this.#apply(layer, blob);
      else await drain(verifyingStream(blob.stream, { digest: blob.digest, size: blob.size, what: `blob ${blob.digest ?? layer.digest}` }));
      this.#done[index]?.resolve();
    } catch (error) {
      this.#done[index]?.reject(error);
      throw error;
    }
  }

  /** Marks the layer as there, when another image has brought it. */
  reuse(index: number): void {
    this.#done[index]?.resolve();
  }

  /** Those above a layer that failed must not wait for ever. */
  fail(error: unknown): void {
    for (const deferred of this.#done) deferred.reject(error);
  }

  async #apply(layer: PlannedLayer, blob: { readonly stream: ByteStream; readonly digest?: string; readonly size?: number }): Promise<void> {
    const sized = blob.size === undefined ? blob.stream : verifyingStream(blob.stream, { size: blob.size, what: `blob ${layer.digest}` });
    try {
      await this.#store.layers.put({ id: layer.id, parent: layer.parent, expectedDigest: blob.digest, expectedDiffId: layer.diffId }, sized);
      this.#made.push(layer.id);
    } catch (error) {
      // Another process may have put the same layer meanwhile.
      if (!(error instanceof ToolError) || error.kind !== "already-exists" || this.#store.layers.get(layer.id) === undefined) throw error;
    }
  }
}

/** A layer anywhere in the store with these contents, to be copied from instead of fetched. */
export function findSameContents(store: Store, layer: PlannedLayer): LayerRecord | undefined {
  const byBlob = store.layers.findByCompressedDigest(layer.digest).find((record) => record.diffDigest === layer.diffId);
  return byBlob ?? (layer.digest === layer.diffId ? store.layers.findByDiffDigest(layer.diffId)[0] : undefined);
}
