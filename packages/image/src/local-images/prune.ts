import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { LocalImages } from "./local-images.ts";
import { type RemoveImageReport, type RemoveImagesResult, removeImages } from "./remove.ts";

export interface PruneImagesOptions {
  /** Every image without a container, not only the unnamed ones. */
  readonly all?: boolean;
  readonly filters?: readonly string[];
  /** Images that only containers of other tools use, with those containers. */
  readonly external?: boolean;
  isExternalContainer?(id: string): boolean;
}

/** How often images may go under our eyes. */
const MOST_LOOKS = 20;

/**
 * Removes images that nothing uses, again and again until nothing more becomes unused.
 *
 * @throws the first failure
 */
export async function pruneImages(images: LocalImages, options: PruneImagesOptions = {}): Promise<readonly RemoveImageReport[]> {
  const filters = [...(options.filters ?? []), "readonly=false"];
  if (options.all !== true && !filters.some((filter) => filter.startsWith("dangling="))) filters.push("dangling=true");
  filters.push(options.external === true ? "containers=external" : "containers=false");
  const removed: RemoveImageReport[] = [];
  const once = (): Promise<RemoveImagesResult> =>
    removeImages(images, [], {
      filters,
      withSize: true,
      external: options.external,
      isExternalContainer: options.isExternalContainer,
    });
  for (;;) {
    const { reports, errors } = await retried(once);
    // What another command was quicker to remove is gone, as was wanted.
    const failed = errors.find((error) => !isErrorOfKind(error, "not-found"));
    if (failed !== undefined) throw failed;
    if (reports.length === 0) return removed;
    removed.push(...reports);
  }
}

/** Looks again when an image went while it was looked at; several others may be at work. */
async function retried<T>(deed: () => Promise<T>): Promise<T> {
  for (let left = MOST_LOOKS; ; left--) {
    try {
      return await deed();
    } catch (error) {
      if (left === 0 || !isErrorOfKind(error, "not-found")) throw error;
    }
  }
}
