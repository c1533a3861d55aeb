import type { ByteStream } from "@containers/common/digest/byte-stream";
import { describeError } from "@containers/common/errors/tool-error";
import type { ImportOptions } from "@containers/image/local-images/import";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { normalizeName } from "@containers/image/local-images/normalize-name";
import type { PruneImagesOptions } from "@containers/image/local-images/prune";
import type { PulledImage, PullOptions } from "@containers/image/local-images/pull";
import type { PushOptions } from "@containers/image/local-images/push";
import type { RemoveImageReport, RemoveImagesOptions, RemoveImagesResult } from "@containers/image/local-images/remove";
import { requireLocalImage } from "@containers/image/local-images/resolve-name";
import type { SaveOptions } from "@containers/image/local-images/save";
import { tagImage, untagImage } from "@containers/image/local-images/tag";
import type { Engine } from "../engine/engine.ts";
import { containersOfImage } from "./image-containers.ts";

/**
 * What is done to images, with the engine's events and its containers: the command line and the service do the same. `images` says how registries
 * are reached and where progress goes. Each deed loads what it needs: copying images is much code.
 */
interface ImageWork {
  readonly engine: Engine;
  readonly images: LocalImages;
}

/** Fetches images as the policy says: one, all of an archive, or every tag of a repository. */
export async function pullByName(
  { engine, images }: ImageWork,
  name: string,
  options: PullOptions & { readonly allTags?: boolean },
): Promise<readonly PulledImage[]> {
  const { pullAllTags, pullImages } = await import("@containers/image/local-images/pull");
  const pulling = options.allTags === true ? pullAllTags(images, name, options) : pullImages(images, name, options);
  const pulled = await pulling.catch((error: unknown) => {
    engine.events.write({ type: "image", status: "pull-error", name, error: describeError(error) });
    throw error;
  });
  for (const { id } of pulled) engine.events.write({ type: "image", status: "pull", id, name });
  return pulled;
}

/** Pushes a local image; returns the digest of what is there now. */
export async function pushByName(
  { engine, images }: ImageWork,
  name: string,
  options: PushOptions & { readonly destination?: string },
): Promise<{ readonly digest: string }> {
  const { pushImage } = await import("@containers/image/local-images/push");
  const { digest } = await pushImage(images, name, options.destination, options);
  engine.events.write({
    type: "image",
    status: "push",
    id: requireLocalImage(images, name, options.all === true ? { manifestList: "list" } : {}).image.id,
    name: options.destination ?? name,
  });
  return { digest };
}

/** Removes images, and with `force` the containers that stand on them. */
export async function removeByName(
  { engine, images }: ImageWork,
  names: readonly string[],
  options: RemoveImagesOptions & { readonly all?: boolean },
): Promise<RemoveImagesResult> {
  const { removeImages } = await import("@containers/image/local-images/remove");
  const result = await removeImages(images, names, {
    ...options,
    filters: ["readonly=false", ...(options.all === true ? [] : ["intermediate=false"])],
    removeContainers: (imageId) => containersOfImage(engine, imageId).remove(),
  });
  for (const { id, untagged, removed } of result.reports) {
    for (const name of untagged) engine.events.write({ type: "image", status: "untag", id, name });
    const byId = names.find((name) => id.startsWith(name));
    if (removed) engine.events.write({ type: "image", status: "remove", id, name: byId ?? untagged[0] ?? "" });
  }
  return result;
}

/** Removes images that nothing uses. */
export async function pruneUnused(
  { engine, images }: ImageWork,
  options: Omit<PruneImagesOptions, "isExternalContainer">,
): Promise<readonly RemoveImageReport[]> {
  const { pruneImages } = await import("@containers/image/local-images/prune");
  const removed = await pruneImages(images, { ...options, isExternalContainer: (id) => engine.state.containers.get(id) === undefined });
  for (const { id, untagged } of removed) engine.events.write({ type: "image", status: "remove", id, name: untagged[0] ?? "" });
  return removed;
}

/** Gives an image more names. */
export function tagByName({ engine, images }: ImageWork, name: string, tags: readonly string[]): void {
  tagImage(images, name, tags);
  const { id } = requireLocalImage(images, name, { manifestList: "list" }).image;
  for (const tag of tags) engine.events.write({ type: "image", status: "tag", id, name: tag });
}

/** Takes names from an image; without names, all of them. */
export function untagByName({ engine, images }: ImageWork, name: string, tags: readonly string[]): void {
  const { image } = requireLocalImage(images, name);
  untagImage(images, name, tags);
  for (const tag of tags.length === 0 ? image.names : tags.map((text) => normalizeName(text).toString()))
    engine.events.write({ type: "image", status: "untag", id: image.id, name: tag });
}

/** Loads all images of an archive; returns their names. `shown` is what the event calls the source. */
export async function loadFrom({ engine, images }: ImageWork, source: string | ByteStream, shown = ""): Promise<readonly string[]> {
  const { loadArchive } = await import("@containers/image/local-images/load");
  const names = await loadArchive(images, source);
  for (const name of names)
    engine.events.write({ type: "image", status: "loadfromarchive", id: requireLocalImage(images, name).image.id, name: shown });
  return names;
}

/** Makes an image of a file system archive; returns its id. */
export async function importFrom({ engine, images }: ImageWork, source: string | ByteStream, options: ImportOptions): Promise<string> {
  const { importImage } = await import("@containers/image/local-images/import");
  const id = await importImage(images, source, options);
  if (options.name) engine.events.write({ type: "image", status: "tag", id, name: options.name });
  return id;
}

/** Writes images to an archive or directory. `shown` is what the event calls it. */
export async function saveTo(
  { engine, images }: ImageWork,
  names: readonly string[],
  options: SaveOptions & { readonly shown?: string },
): Promise<void> {
  const { saveImages } = await import("@containers/image/local-images/save");
  await saveImages(images, names, options);
  for (const name of names)
    engine.events.write({ type: "image", status: "save", id: requireLocalImage(images, name).image.id, name: options.shown ?? "" });
}
