import { splitName } from "../registries-conf/alias-name.ts";
import { imageSize, layerSize } from "./image-size.ts";
import type { LayerNode } from "./layer-tree.ts";
import { readLayerTree } from "./layer-tree.ts";
import type { LocalImages } from "./local-images.ts";
import { requireLocalImage } from "./resolve-name.ts";

/** A layer in the picture that `image tree` draws. */
export interface TreeLayer {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Tags of the images that end here. */
  readonly topLayerOf: readonly string[];
  readonly children: readonly TreeLayer[];
}

export interface ImageTree {
  readonly id: string;
  readonly tags: readonly string[];
  readonly size: number;
  /** The image's layers from the lowest up, each the next one's parent; or, asked for what requires it, what stands on its top layer. */
  readonly layers: readonly TreeLayer[];
}

/** @throws not-found */
export async function imageTree(
  images: Pick<LocalImages, "store" | "registry">,
  name: string,
  options: { readonly whatRequires?: boolean } = {},
): Promise<ImageTree> {
  const { store } = images;
  const { image } = requireLocalImage(images, name);
  const tree = readLayerTree(store);
  const top = image.layer === undefined ? undefined : tree.nodes.get(image.layer);
  const describe = async (node: LayerNode, deep: boolean): Promise<TreeLayer> => ({
    id: node.layer.id,
    size: await layerSize(store, node.layer),
    topLayerOf: [...new Set(node.images.flatMap((owner) => tagged(owner.names)))],
    children: deep ? await Promise.all(node.children.map((child) => describe(child, true))) : [],
  });
  const layers: TreeLayer[] = [];
  if (options.whatRequires === true) {
    if (top !== undefined) layers.push(await describe(top, true));
  } else for (let node = top; node !== undefined; node = node.parent) layers.unshift(await describe(node, false));
  return { id: image.id, tags: tagged(image.names), size: await imageSize(store, image), layers };
}

function tagged(names: readonly string[]): readonly string[] {
  return names.filter((name) => splitName(name).tag !== undefined);
}
