import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { ImageRecord } from "@containers/storage/store";
import { compileFilters } from "./filters.ts";
import { imageSize } from "./image-size.ts";
import { readLayerTree } from "./layer-tree.ts";
import type { LocalImages } from "./local-images.ts";
import { missingPart } from "./missing-part.ts";
import { normalizeName } from "./normalize-name.ts";
import { requireLocalImage } from "./resolve-name.ts";

export interface RemoveImagesOptions {
  /** Removes names and containers that would stand in the way. */
  readonly force?: boolean;
  /** A missing image is no error. */
  readonly ignore?: boolean;
  /** Keeps unnamed parents that nothing else needs. */
  readonly noPrune?: boolean;
  /** Without names: which images. */
  readonly filters?: readonly string[];
  /** Sizes in the reports. */
  readonly withSize?: boolean;
  isExternalContainer?(id: string): boolean;
  /** Removes the engine's containers that stand on the image; only called with `force` or when pruning. */
  removeContainers?(imageId: string): Promise<void>;
  /** What the name of a manifest list stands for: its image for this machine where that is here (default), or always the list. */
  readonly manifestList?: "list" | "list-without-instance";
  /** Containers that no engine knows of may be removed as well (`prune --external`). */
  readonly external?: boolean;
}

export interface RemoveImageReport {
  readonly id: string;
  /** False when the image only lost names. */
  readonly removed: boolean;
  readonly untagged: readonly string[];
  /** Bytes, when asked for. */
  readonly size: number;
}

export interface RemoveImagesResult {
  readonly reports: readonly RemoveImageReport[];
  readonly errors: readonly unknown[];
}

interface Report {
  id: string;
  removed: boolean;
  untagged: string[];
  size: number;
}

/**
 * Removes images by name, or all that pass the filters. A name of an image with several names is only taken away; parents that become
 * unnamed and unused go as well. One that fails does not stop the others.
 */
export async function removeImages(
  images: LocalImages,
  names: readonly string[],
  options: RemoveImagesOptions = {},
): Promise<RemoveImagesResult> {
  const reports = new Map<string, Report>();
  const errors: unknown[] = [];
  for (const target of targets(images, names, { options, errors })) {
    for (const referencedBy of target.referencedBy) {
      try {
        await removeOne(images, target.id, { referencedBy, reports, options });
      } catch (error) {
        errors.push(error);
      }
    }
  }
  return { reports: [...reports.values()], errors };
}

/** The exit code that the original gives for the errors of a removal. */
export function removeExitCode(errors: readonly unknown[]): number {
  if (errors.length === 0) return 0;
  if (errors.some((error) => isErrorOfKind(error, "in-use"))) return 2;
  return errors.every((error) => isErrorOfKind(error, "not-found")) ? 1 : 125;
}

interface Target {
  readonly id: string;
  readonly referencedBy: string[];
}

function targets(
  images: LocalImages,
  names: readonly string[],
  to: { options: RemoveImagesOptions; errors: unknown[] },
): readonly Target[] {
  if (names.length === 0) {
    const context = { images, tree: readLayerTree(images.store), isExternalContainer: to.options.isExternalContainer };
    const filter = compileFilters(to.options.filters ?? [], context);
    return images.store.images
      .list()
      .filter((image) => filter.apply(image) !== undefined)
      .map((image) => ({ id: image.id, referencedBy: [""] }));
  }
  const found = new Map<string, Target>();
  for (const name of names) {
    try {
      const resolved = requireLocalImage(images, name, { manifestList: to.options.manifestList ?? "list-without-instance" });
      const target = found.get(resolved.image.id) ?? { id: resolved.image.id, referencedBy: [] };
      target.referencedBy.push(resolved.name);
      found.set(target.id, target);
    } catch (error) {
      if (to.options.ignore !== true || !isErrorOfKind(error, "not-found")) to.errors.push(error);
    }
  }
  return [...found.values()];
}

interface Removal {
  readonly referencedBy: string;
  readonly reports: Map<string, Report>;
  readonly options: RemoveImagesOptions;
}

async function removeOne(images: LocalImages, id: string, removal: Removal): Promise<void> {
  const { reports, options } = removal;
  const image = images.store.images.get(id);
  // Gone already: as an earlier one's parent, or by another process.
  if (image === undefined || reports.get(id)?.removed === true) return;
  if (image.readOnly) throw new ToolError("invalid-argument", `cannot remove read-only image "${id}"`);
  const damage = missingPart(images.store, image);
  if (damage !== undefined) images.warn?.(`Failed to determine parent of image: ${damage.message}, ignoring the error`);
  const report = reports.get(id) ?? { id, removed: false, untagged: [], size: 0 };
  if (options.withSize === true) report.size = await imageSize(images.store, image);
  if (takeName(images, image, removal, report)) {
    reports.set(id, report);
    return;
  }
  await clearContainers(images, id, options);
  const tree = readLayerTree(images.store);
  const parent = tree.parent(image);
  const parentUseful = tree.hasChildren(image);
  const remaining = images.store.images.get(id)?.names ?? [];
  deleteImage(images, id);
  report.untagged.push(...remaining);
  report.removed = !parentUseful;
  reports.set(id, report);
  if (options.noPrune === true || parent === undefined) return;
  if (readLayerTree(images.store).isDangling(parent)) await removeOne(images, parent.id, { ...removal, referencedBy: "" });
}

/** @returns true when a name was taken and others remain, so that the image stays */
function takeName(images: LocalImages, image: ImageRecord, removal: Removal, report: Report): boolean {
  const { referencedBy } = removal;
  if (referencedBy === "" || image.names.length === 1) return false;
  const byId = image.id.startsWith(referencedBy);
  const byDigest = referencedBy.startsWith("sha256:");
  if (byId || byDigest) {
    if (removal.options.force !== true && image.names.length > 1) {
      throw new ToolError(
        "invalid-state",
        `unable to delete image "${image.id}" by ${byId ? "ID" : "digest"} with more than one tag ([${image.names.join(" ")}]): please force removal`,
      );
    }
    return false;
  }
  const name = normalizeName(referencedBy).toString();
  if (!image.names.includes(name)) return false;
  images.store.images.removeNames(image.id, [name]);
  report.untagged.push(referencedBy);
  return image.names.length > 1;
}

async function clearContainers(images: LocalImages, id: string, options: RemoveImagesOptions): Promise<void> {
  if (options.force !== true && options.external !== true) return;
  if (options.force === true) await options.removeContainers?.(id);
  for (const container of images.store.containers.list()) {
    if (container.image !== id) continue;
    if (options.force !== true && options.isExternalContainer?.(container.id) !== true) {
      throw new ToolError("in-use", `cannot remove container ${container.id}: not an external container`);
    }
    images.store.containers.remove(container.id);
  }
}

function deleteImage(images: LocalImages, id: string): void {
  const user = images.store.containers.list().find((container) => container.image === id);
  if (user !== undefined) {
    throw new ToolError(
      "in-use",
      `image used by ${user.id}: image is in use by a container: consider listing external containers and force-removing image`,
      { code: "image-used-by-container" },
    );
  }
  images.store.images.remove(id);
}
