import type { ImageRecord, LayerRecord } from "@containers/storage/store";
import { splitName } from "../registries-conf/alias-name.ts";
import { imageSize, layerSize, layersById } from "./image-size.ts";
import type { LocalImages } from "./local-images.ts";

/** One line of `system df -v`: an image under one of its names. */
export interface ImageUsage {
  readonly id: string;
  readonly repository: string;
  readonly tag: string;
  /** RFC 3339. */
  readonly created: string;
  /** Bytes, of layers that other images have as well, of those that only this one has, and together. */
  readonly sharedSize: number;
  readonly uniqueSize: number;
  readonly size: number;
  readonly containers: number;
}

/** What the images take on disk, manifests and configs included, and all together with shared layers counted once. */
export async function imageUsage(
  images: Pick<LocalImages, "store">,
): Promise<{ readonly images: readonly ImageUsage[]; readonly totalSize: number }> {
  const { store } = images;
  const layers = layersById(store);
  const records = store.images.list();
  const users = new Map<string, number>();
  for (const image of records) for (const id of layersOf(image, layers)) users.set(id, (users.get(id) ?? 0) + 1);
  const usage: ImageUsage[] = [];
  let totalSize = 0;
  for (const [id] of users) {
    const layer = layers.get(id);
    if (layer !== undefined) totalSize += await layerSize(store, layer);
  }
  for (const image of records) {
    let sharedSize = 0;
    let layersSize = 0;
    for (const id of layersOf(image, layers)) {
      const layer = layers.get(id);
      const bytes = layer === undefined ? 0 : await layerSize(store, layer);
      layersSize += bytes;
      if ((users.get(id) ?? 0) > 1) sharedSize += bytes;
    }
    const size = await imageSize(store, image, layers);
    totalSize += size - layersSize;
    const containers = store.containers.list().filter((container) => container.image === image.id).length;
    for (const name of image.names.length === 0 ? ["<none>:<none>"] : image.names) {
      const { repository, tag } = splitName(name);
      usage.push({
        id: image.id,
        repository,
        tag: tag ?? "<none>",
        created: image.created,
        sharedSize,
        uniqueSize: size - sharedSize,
        size,
        containers,
      });
    }
  }
  return { images: usage, totalSize };
}

/** Ids of an image's layers, each once: those that were made for other user namespaces too. */
function layersOf(image: ImageRecord, layers: ReadonlyMap<string, LayerRecord>): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const top of [image.layer, ...image.mappedLayers])
    for (let id = top; id !== undefined && !ids.has(id); id = layers.get(id)?.parent) ids.add(id);
  return ids;
}
