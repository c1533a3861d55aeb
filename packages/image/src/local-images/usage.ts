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

/** What the images take on disk, and how much there would be without counting shared layers twice. */
export async function imageUsage(
  images: Pick<LocalImages, "store">,
): Promise<{ readonly images: readonly ImageUsage[]; readonly totalSize: number }> {
  const { store } = images;
  const layers = layersById(store);
  const records = store.images.list();
  const users = new Map<string, number>();
  for (const image of records) {
    for (let id = image.layer; id !== undefined; id = layers.get(id)?.parent) users.set(id, (users.get(id) ?? 0) + 1);
  }
  const usage: ImageUsage[] = [];
  let totalSize = 0;
  for (const [id] of users) {
    const layer = layers.get(id);
    if (layer !== undefined) totalSize += await layerSize(store, layer);
  }
  for (const image of records) {
    let sharedSize = 0;
    for (let id = image.layer; id !== undefined; id = layers.get(id)?.parent) {
      const layer = layers.get(id);
      if (layer !== undefined && (users.get(id) ?? 0) > 1) sharedSize += await layerSize(store, layer);
    }
    const size = await imageSize(store, image, layers);
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
