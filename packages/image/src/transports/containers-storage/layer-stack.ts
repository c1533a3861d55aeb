import type { ByteStream } from "@containers/common/digest/byte-stream";
import { digestHex, sha256 } from "@containers/common/digest/digest";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import type { PartialLayer } from "@containers/storage/chunked/partial-layer";
import type { LayerRecord, StagedLayer, Store } from "@containers/storage/store";
import { Turnstile } from "./turnstile.ts";

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
    if (layer.diffId === undefined) {
      throw new ToolError("unsupported", "an image whose config does not tell the digests of its layers cannot be stored", {
        hint: "copy it to dir: or oci: instead",
      });
    }
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

/** A layer's bytes, and what is known of them. */
export interface StagedBlob {
  readonly stream: ByteStream;
  /** Of the stream. */
  readonly digest?: string;
  readonly size?: number;
  /** What the stream was put together from. */
  readonly origin?: PartialLayer;
}

/** The layers of one image on their way into the store: unpacked beside it as they arrive, put in place all together at the end. */
export interface LayerStack {
  readonly layers: readonly PlannedLayer[];
  /** True when the store has this very layer already. */
  isThere(index: number): boolean;
  /** Unpacks a layer from its blob (`digest` then is that of the stream) or from its plain tar. Verified against both digests. */
  stage(index: number, blob: StagedBlob): Promise<void>;
  /** Puts everything in place, base first, and runs `record`; when that fails, what was put is taken out again. */
  commit(record: () => void): void;
  /** Deletes what was not committed. */
  discard(): void;
}

/** @param directory for blobs that arrive faster than they can be unpacked */
export function newLayerStack(store: Store, layers: readonly PlannedLayer[], directory: string): LayerStack {
  const turnstile = new Turnstile(directory);
  const staged = new Map<number, StagedLayer>();
  const at = (index: number): PlannedLayer => {
    const layer = layers[index];
    if (layer === undefined) throw new ToolError("internal", `layer ${index} was not announced`);
    return layer;
  };
  return {
    layers,
    isThere: (index) => store.layers.get(at(index).id) !== undefined,
    async stage(index, blob) {
      const layer = at(index);
      const sized = blob.size === undefined ? blob.stream : verifyingStream(blob.stream, { size: blob.size, what: `blob ${layer.digest}` });
      await turnstile.run(sized, async (stream) => {
        staged.set(
          index,
          await store.layers.stage({ expectedDigest: blob.digest, expectedDiffId: layer.diffId, origin: blob.origin }, stream),
        );
      });
    },
    commit(record) {
      const made: string[] = [];
      try {
        for (const [index, layer] of layers.entries()) putInPlace(store, layer, { staged: staged.get(index), made });
        record();
      } catch (error) {
        removeAgain(store, made);
        throw error;
      }
    },
    discard() {
      for (const layer of staged.values()) layer.discard();
      staged.clear();
    },
  };
}

function putInPlace(store: Store, layer: PlannedLayer, work: { readonly staged: StagedLayer | undefined; readonly made: string[] }): void {
  if (store.layers.get(layer.id) !== undefined) return;
  if (work.staged === undefined) {
    throw new ToolError("unavailable", `layer ${layer.id} was removed from the store while the image was copied`, {
      hint: "copy the image again",
    });
  }
  store.layers.putStaged({ id: layer.id, parent: layer.parent }, work.staged);
  work.made.push(layer.id);
}

/** Another copy may have put its layers or its image on ours meanwhile: those stay. */
function removeAgain(store: Store, ids: readonly string[]): void {
  for (const id of ids.toReversed()) {
    try {
      store.layers.remove(id);
    } catch {
      return;
    }
  }
}

/** A layer anywhere in the store with these contents, to be copied from instead of fetched. */
export function findSameContents(store: Store, layer: PlannedLayer, tocDigest?: string): LayerRecord | undefined {
  const same = store.layers.findByDiffDigest(layer.diffId);
  // A table of contents was verified with the diff id too: all of it says the same as the archive.
  const byToc = tocDigest === undefined ? undefined : same.find((record) => record.tocDigest === tocDigest);
  if (byToc !== undefined) return byToc;
  const byBlob = store.layers.findByCompressedDigest(layer.digest).find((record) => record.diffDigest === layer.diffId);
  return byBlob ?? (layer.digest === layer.diffId ? same[0] : undefined);
}
