import type { ImageRecord, LayerRecord, Store } from "@containers/storage/store";
import { type OciHistory, type OciImageConfig, parseImageConfig, rawImageConfig } from "./image-config.ts";
import { isManifestList, readStoredManifest } from "./stored-manifest.ts";

/** A layer with the images that end in it. */
export interface LayerNode {
  readonly layer: LayerRecord;
  parent?: LayerNode;
  readonly children: LayerNode[];
  readonly images: ImageRecord[];
}

/** How the images of a store stand on each other: one snapshot, from which parents and children are told. */
export interface LayerTree {
  readonly nodes: ReadonlyMap<string, LayerNode>;
  parent(image: ImageRecord): ImageRecord | undefined;
  hasChildren(image: ImageRecord): boolean;
  /** Unnamed, and nothing stands on it. */
  isDangling(image: ImageRecord): boolean;
  /** Unnamed, and something stands on it. */
  isIntermediate(image: ImageRecord): boolean;
}

/** Reads the layers and images of the store; configs are read only when two images have to be compared. */
export function readLayerTree(store: Store): LayerTree {
  const images = store.images.list();
  const nodes = layerNodes(store.layers.list());
  const empty: ImageRecord[] = [];
  const inLists = new Set<string>();
  for (const image of images) {
    if (image.layer === undefined) {
      if (isManifestList(store, image)) for (const { digest } of readStoredManifest(store, image)?.instances ?? []) inLists.add(digest);
      else empty.push(image);
    } else nodes.get(image.layer)?.images.push(image);
  }
  const related = relation(store);
  const hasChildren = (image: ImageRecord): boolean => {
    const node = image.layer === undefined ? undefined : nodes.get(image.layer);
    const candidates =
      node === undefined ? (image.layer === undefined ? empty : []) : [...node.images, ...node.children.flatMap((child) => child.images)];
    return candidates.some((child) => related(image, child));
  };
  const listed = (image: ImageRecord): boolean => image.digest !== undefined && inLists.has(image.digest);
  return {
    nodes,
    hasChildren,
    parent(image) {
      const node = image.layer === undefined ? undefined : nodes.get(image.layer);
      const candidates = node === undefined ? (image.layer === undefined ? empty : []) : [...node.images, ...(node.parent?.images ?? [])];
      return candidates.find((parent) => related(parent, image));
    },
    isDangling: (image) => image.names.length === 0 && !listed(image) && !hasChildren(image),
    isIntermediate: (image) => image.names.length === 0 && (listed(image) || hasChildren(image)),
  };
}

function layerNodes(layers: readonly LayerRecord[]): Map<string, LayerNode> {
  const nodes = new Map<string, LayerNode>();
  for (const layer of layers) nodes.set(layer.id, { layer, children: [], images: [] });
  for (const node of nodes.values()) {
    const parent = node.layer.parent === undefined ? undefined : nodes.get(node.layer.parent);
    if (parent === undefined) continue;
    node.parent = parent;
    parent.children.push(node);
  }
  return nodes;
}

/** Whether the second image was made from the first in one step. Configs are parsed once each. */
function relation(store: Store): (parent: ImageRecord, child: ImageRecord) => boolean {
  const configs = new Map<string, OciImageConfig | undefined>();
  const configOf = (image: ImageRecord): OciImageConfig | undefined => {
    if (!configs.has(image.id)) configs.set(image.id, readConfig(store, image));
    return configs.get(image.id);
  };
  return (parent, child) => {
    if (parent.id === child.id) return false;
    const [above, below] = [configOf(parent), configOf(child)];
    return above !== undefined && below !== undefined && areParentAndChild(above, below);
  };
}

/** A child has its parent's layers first, and exactly one entry of history more. */
export function areParentAndChild(parent: OciImageConfig, child: OciImageConfig): boolean {
  if (parent.history.length + 1 !== child.history.length) return false;
  const layers = parent.rootfs.diff_ids;
  if (layers.length > child.rootfs.diff_ids.length) return false;
  if (!layers.every((diffId, index) => child.rootfs.diff_ids[index] === diffId)) return false;
  return parent.history.every((entry, index) => sameHistory(entry, child.history[index]));
}

function sameHistory(one: OciHistory, other: OciHistory | undefined): boolean {
  if (other === undefined) return false;
  return (
    (one.created === other.created || Date.parse(one.created ?? "") === Date.parse(other.created ?? "")) &&
    (one.created_by ?? "") === (other.created_by ?? "") &&
    (one.author ?? "") === (other.author ?? "") &&
    (one.comment ?? "") === (other.comment ?? "") &&
    one.empty_layer === other.empty_layer
  );
}

/** An image that cannot be read is related to nothing. */
function readConfig(store: Store, image: ImageRecord): OciImageConfig | undefined {
  try {
    const bytes = rawImageConfig(store, image.id);
    return bytes === undefined ? undefined : parseImageConfig(bytes, image.id);
  } catch {
    return undefined;
  }
}
