import { drain, streamOf } from "@containers/common/digest/byte-stream";
import { describeError } from "@containers/common/errors/tool-error";
import type { Store } from "@containers/storage/store";
import { CacheDirectory } from "../transports/blob-cache/cache-directory.ts";

/** What is to be kept of an image that was made in the store itself. */
export interface MadeImage {
  readonly imageId: string;
  readonly manifestDigest: string;
  /** Ids of the layers that were made for it. */
  readonly layers: readonly string[];
}

/** Keeps the layers that were made for an image, its config and its manifest in a blob cache, as they would be if it had been copied there. */
export async function keepMadeImage(store: Store, directory: string, image: MadeImage, warn?: (message: string) => void): Promise<void> {
  const cache = new CacheDirectory(directory);
  for (const id of image.layers) {
    const digest = store.layers.get(id)?.diffDigest ?? "";
    if (cache.find({ digest, size: -1 }) === undefined) await drain(cache.keeping(store.layers.diff(id), { digest, isConfig: false }));
  }
  const configDigest = `sha256:${image.imageId}`;
  const config = store.images.bigData(image.imageId, configDigest);
  if (config !== undefined) await drain(cache.keeping(streamOf(config), { digest: configDigest, isConfig: true }));
  const manifest = store.images.bigData(image.imageId, `manifest-${image.manifestDigest}`);
  try {
    if (manifest !== undefined) cache.keepManifest(image.manifestDigest, manifest);
  } catch (error) {
    warn?.(`error saving manifest ${image.manifestDigest} to the blob cache: ${describeError(error)}`);
  }
}
