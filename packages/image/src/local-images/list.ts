import type { ImageRecord, LayerRecord, Store } from "@containers/storage/store";
import { splitName } from "../registries-conf/alias-name.ts";
import { compileFilters } from "./filters.ts";
import { manifestDigests, type OciImageConfig, parseImageConfig, rawImageConfig } from "./image-config.ts";
import { imageSize, layersById } from "./image-size.ts";
import { type LayerTree, readLayerTree } from "./layer-tree.ts";
import type { LocalImages } from "./local-images.ts";
import { missingPart } from "./missing-part.ts";
import { isManifestList } from "./stored-manifest.ts";

export interface ListImagesOptions {
  /** Intermediate images as well. */
  readonly all?: boolean;
  readonly filters?: readonly string[];
  isExternalContainer?(id: string): boolean;
}

/** What a listing shows of an image. */
export interface ImageListing {
  readonly id: string;
  /** Empty when no stored image is its parent. */
  readonly parentId: string;
  readonly names: readonly string[];
  readonly repoDigests: readonly string[];
  readonly digest: string;
  readonly namesHistory: readonly string[];
  /** RFC 3339. */
  readonly created: string;
  /** Bytes. */
  readonly size: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Number of containers that stand on it. */
  readonly containers: number;
  readonly readOnly: boolean;
  readonly dangling: boolean;
  readonly isManifestList: boolean;
  readonly architecture: string;
  readonly os: string;
}

/**
 * The images of the store, in its order.
 *
 * @throws corrupt for an image with a name whose manifest or config is lost
 */
export async function listImages(
  images: Pick<LocalImages, "store" | "registry">,
  options: ListImagesOptions = {},
): Promise<readonly ImageListing[]> {
  const { store } = images;
  const tree = readLayerTree(store);
  const filters = [...(options.filters ?? [])];
  if (options.all !== true && !filters.includes("intermediate=true")) filters.push("intermediate=false");
  const filter = compileFilters(filters, { images, tree, isExternalContainer: options.isExternalContainer });
  const snapshot = { tree, layers: layersById(store), containers: containerCounts(store) };
  const listings: ImageListing[] = [];
  for (const image of store.images.list()) {
    const names = filter.apply(image);
    const damage = names === undefined || names.length === 0 ? undefined : missingPart(store, image);
    if (damage !== undefined) throw damage;
    if (names !== undefined) listings.push(await describe(store, { ...image, names }, snapshot));
  }
  return listings;
}

/** Each repository of the names with each digest of the manifests, sorted. */
export function repoDigests(image: ImageRecord): readonly string[] {
  const digests = manifestDigests(image);
  return [...new Set(image.names.flatMap((name) => digests.map((digest) => `${splitName(name).repository}@${digest}`)))].sort();
}

interface Snapshot {
  readonly tree: LayerTree;
  readonly layers: ReadonlyMap<string, LayerRecord>;
  readonly containers: ReadonlyMap<string, number>;
}

async function describe(store: Store, image: ImageRecord, snapshot: Snapshot): Promise<ImageListing> {
  const list = isManifestList(store, image);
  const size = await imageSize(store, image, snapshot.layers);
  const config = configOnce(store, image, list);
  return {
    id: image.id,
    // Worked out when asked for: a table shows neither parent nor labels, and both take reading configs.
    get parentId() {
      return snapshot.tree.parent(image)?.id ?? "";
    },
    names: image.names,
    repoDigests: repoDigests(image),
    digest: image.digest ?? manifestDigests(image)[0] ?? "",
    namesHistory: image.namesHistory,
    created: image.created,
    size,
    get labels() {
      return config()?.config.Labels;
    },
    containers: snapshot.containers.get(image.id) ?? 0,
    readOnly: image.readOnly,
    dangling: snapshot.tree.isDangling(image),
    isManifestList: list,
    get architecture() {
      return config()?.architecture ?? "";
    },
    get os() {
      return config()?.os ?? "";
    },
  };
}

/** The image's config, read at the first call; undefined for a list of images. */
function configOnce(store: Store, image: ImageRecord, isList: boolean): () => OciImageConfig | undefined {
  let read: { readonly config: OciImageConfig | undefined } | undefined;
  return () => {
    if (read !== undefined) return read.config;
    const bytes = isList ? undefined : rawImageConfig(store, image.id);
    read = { config: bytes === undefined ? undefined : parseImageConfig(bytes, image.id) };
    return read.config;
  };
}

function containerCounts(store: Store): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { image } of store.containers.list()) if (image !== undefined) counts.set(image, (counts.get(image) ?? 0) + 1);
  return counts;
}
