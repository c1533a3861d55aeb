import type { ImageRecord, LayerRecord, Store } from "@containers/storage/store";

/**
 * Bytes that an image takes: its layers uncompressed, shared ones included, and its manifests and config.
 *
 * @param layers a snapshot by id, for callers that ask for many images
 */
export async function imageSize(
  store: Store,
  image: ImageRecord,
  layers: ReadonlyMap<string, LayerRecord> = layersById(store),
): Promise<number> {
  let size = 0;
  for (const key of image.bigDataNames) size += image.bigDataSizes[key] ?? store.images.bigData(image.id, key)?.length ?? 0;
  const seen = new Set<string>();
  for (const top of [image.layer, ...image.mappedLayers]) {
    for (let id = top; id !== undefined && !seen.has(id); id = layers.get(id)?.parent) {
      seen.add(id);
      const layer = layers.get(id);
      if (layer !== undefined) size += await layerSize(store, layer);
    }
  }
  return size;
}

/** Bytes of one layer uncompressed: as recorded when it came, else counted. */
export async function layerSize(store: Store, layer: LayerRecord): Promise<number> {
  if (layer.diffDigest !== undefined && layer.diffSize !== undefined && layer.diffSize >= 0) return layer.diffSize;
  return layer.diffSize === undefined || layer.diffSize < 0 ? store.layers.diffSize(layer.id) : layer.diffSize;
}

export function layersById(store: Store): ReadonlyMap<string, LayerRecord> {
  return new Map(store.layers.list().map((layer) => [layer.id, layer]));
}
