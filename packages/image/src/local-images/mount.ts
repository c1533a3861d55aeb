import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageRecord } from "@containers/storage/store";
import { splitName } from "../registries-conf/alias-name.ts";
import { manifestDigests } from "./image-config.ts";
import type { LocalImages } from "./local-images.ts";
import { requireLocalImage } from "./resolve-name.ts";

/** An image whose root file system can be looked at. */
export interface MountedImage {
  readonly id: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly path: string;
}

/**
 * Mounts images read-only; each mount needs one unmount. `undefined` for `names` means all images.
 *
 * @throws not-found
 */
export function mountImages(images: LocalImages, names: readonly string[] | undefined): readonly MountedImage[] {
  return chosen(images, names).map((image) => describe(image, images.store.layers.mount(topLayer(image), { readOnly: true })));
}

/** The images that are mounted now. */
export function mountedImages(images: LocalImages): readonly MountedImage[] {
  return images.store.images.list().flatMap((image) => {
    const path = image.layer === undefined ? undefined : images.store.layers.mountPoint(image.layer);
    return path === undefined ? [] : [describe(image, path)];
  });
}

/**
 * Takes one mount of each image away, all of them with `force`; images that are not mounted are left out of the result.
 *
 * @returns ids
 */
export function unmountImages(images: LocalImages, names: readonly string[] | undefined, force = false): readonly string[] {
  return chosen(images, names).flatMap((image) => {
    if (image.layer === undefined || images.store.layers.mountPoint(image.layer) === undefined) return [];
    images.store.layers.unmount(image.layer, force);
    return [image.id];
  });
}

function chosen(images: LocalImages, names: readonly string[] | undefined): readonly ImageRecord[] {
  if (names === undefined) return images.store.images.list().filter((image) => image.layer !== undefined && !image.readOnly);
  return names.map((name) => requireLocalImage(images, name).image);
}

function topLayer(image: ImageRecord): string {
  if (image.layer === undefined) throw new ToolError("invalid-argument", `image ${image.id} has no layers to mount`);
  return image.layer;
}

function describe(image: ImageRecord, path: string): MountedImage {
  return {
    id: image.id,
    digest: image.digest ?? manifestDigests(image)[0] ?? "",
    tags: image.names.filter((name) => splitName(name).tag !== undefined),
    path,
  };
}
