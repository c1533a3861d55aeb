import { ToolError } from "@containers/common/errors/tool-error";
import { readImageConfig } from "./image-config.ts";
import { layerSize } from "./image-size.ts";
import { readLayerTree } from "./layer-tree.ts";
import type { LocalImages } from "./local-images.ts";
import { requireLocalImage } from "./resolve-name.ts";

/** One step of how an image was made, newest first in lists. */
export interface HistoryEntry {
  /** Of the image that ends with this step, else `<missing>`. */
  readonly id: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly createdBy: string;
  readonly comment: string;
  /** Bytes of the step's layer; 0 for a step without one. */
  readonly size: number;
  readonly tags: readonly string[];
}

/**
 * The steps of an image, newest first.
 *
 * @throws not-found; corrupt when the history speaks of more layers than there are
 */
export async function imageHistory(images: Pick<LocalImages, "store" | "registry">, name: string): Promise<readonly HistoryEntry[]> {
  const { image } = requireLocalImage(images, name);
  const { history } = readImageConfig(images.store, image.id);
  const tree = readLayerTree(images.store);
  const used = new Set<string>();
  const entries: HistoryEntry[] = [];
  let node = image.layer === undefined ? undefined : tree.nodes.get(image.layer);
  for (const step of history.toReversed()) {
    const here = node?.images[0];
    const id = here !== undefined && !used.has(here.id) ? here.id : undefined;
    if (id !== undefined) used.add(id);
    const tags = node?.images.flatMap((owner) => owner.names) ?? [];
    let size = 0;
    if (step.empty_layer !== true) {
      if (node === undefined)
        throw new ToolError("corrupt", `no layer left for non-empty history entry "${step.created_by ?? ""}" of image ${image.id}`);
      size = await layerSize(images.store, node.layer);
      node = node.parent;
    }
    entries.push({
      id: id ?? "<missing>",
      created: step.created,
      createdBy: step.created_by ?? "",
      comment: step.comment ?? "",
      size,
      tags,
    });
  }
  return entries;
}
