import type { LayerChange } from "@containers/storage/store";
import type { LocalImages } from "./local-images.ts";
import { requireLocalImage } from "./resolve-name.ts";

/**
 * What an image's top layer changed against the layer below it, or against another image.
 *
 * @throws not-found
 */
export async function imageChanges(images: LocalImages, name: string, against?: string): Promise<readonly LayerChange[]> {
  const { image } = requireLocalImage(images, name);
  if (image.layer === undefined) return [];
  const parent = against === undefined ? undefined : requireLocalImage(images, against).image.layer;
  return images.store.layers.changes(image.layer, parent);
}
