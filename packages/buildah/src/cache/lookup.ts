import type { Store } from "@containers/storage/store";
import type { HistoryEntry, ImageConfig } from "../working-container/image-config.ts";
import { parseImageConfig } from "../working-container/read-config.ts";
import { type ImageFormat, MEDIA_TYPES, type WorkingContainer } from "../working-container/record.ts";

export interface CacheQuestion {
  /** History of the new entry that a match must end with. */
  readonly createdBy: string;
  /** The step makes a layer. */
  readonly addsLayer: boolean;
  readonly format: ImageFormat;
  readonly architecture: string;
  readonly os: string;
  /** Milliseconds; older images are passed over. */
  readonly maximalAge?: number;
}

/**
 * Looks for an image that is the working container's base plus exactly the step in question: same layers, same history. The
 * newest one when there are several; its id.
 */
export function findCachedStep(
  store: Store,
  container: Pick<WorkingContainer, "topLayer" | "config">,
  question: CacheQuestion,
): string | undefined {
  let best: { readonly id: string; readonly created: string } | undefined;
  for (const image of store.images.list()) {
    if (question.maximalAge !== undefined && Date.now() - Date.parse(image.created) > question.maximalAge) continue;
    const layer = image.layer === undefined ? undefined : store.layers.get(image.layer);
    if (image.layer !== undefined && layer === undefined) continue;
    const below = question.addsLayer ? layer?.parent : layer?.id;
    if ((below ?? "") !== container.topLayer) continue;
    const configBytes = store.images.bigData(image.id, `sha256:${image.id}`);
    if (configBytes === undefined || manifestType(store, image.id) !== MEDIA_TYPES[question.format].manifest) continue;
    const config = readOrSkip(configBytes, image.id);
    if (config === undefined || config.architecture !== question.architecture || config.os !== question.os) continue;
    if (!extendsBase(container.config, config, question)) continue;
    if (best === undefined || image.created > best.created) best = { id: image.id, created: image.created };
  }
  return best?.id;
}

function readOrSkip(bytes: Uint8Array, id: string): ImageConfig | undefined {
  try {
    return parseImageConfig(bytes, id);
  } catch {
    // An image that cannot be read is no candidate; whoever uses it will be told.
    return undefined;
  }
}

function manifestType(store: Store, id: string): string | undefined {
  const manifest = store.images.bigData(id, "manifest");
  if (manifest === undefined) return undefined;
  const value: unknown = JSON.parse(Buffer.from(manifest).toString("utf8"));
  if (typeof value !== "object" || value === null || !("mediaType" in value)) return MEDIA_TYPES.oci.manifest;
  return typeof value.mediaType === "string" ? value.mediaType : undefined;
}

/** Whether `candidate` is `base` with one more history entry, and with one more layer when the step makes one. */
export function extendsBase(base: ImageConfig, candidate: ImageConfig, question: Pick<CacheQuestion, "createdBy" | "addsLayer">): boolean {
  if (candidate.history.length !== base.history.length + 1) return false;
  if (!base.history.every((entry, index) => sameEntry(entry, candidate.history[index]))) return false;
  const expected = base.history.filter((entry) => !entry.emptyLayer).length;
  if (base.diffIds.length !== expected || candidate.diffIds.length !== expected + (question.addsLayer ? 1 : 0)) return false;
  if (!base.diffIds.every((digest, index) => candidate.diffIds[index] === digest)) return false;
  return candidate.history.at(-1)?.createdBy === question.createdBy;
}

function sameEntry(a: HistoryEntry, b: HistoryEntry | undefined): boolean {
  return (
    b !== undefined &&
    a.createdBy === b.createdBy &&
    a.comment === b.comment &&
    a.author === b.author &&
    a.emptyLayer === b.emptyLayer &&
    a.created === b.created
  );
}
