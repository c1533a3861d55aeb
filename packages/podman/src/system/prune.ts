import { existsSync } from "node:fs";
import { pruneImages } from "@containers/image/local-images/prune";
import type { TargetReport } from "../containers/options.ts";
import { prunableContainers } from "../containers/removal/prunable.ts";
import { removeContainers } from "../containers/removal/remove.ts";
import type { Engine } from "../engine/engine.ts";
import { pruneNetworks } from "../networks/prune.ts";
import { prunePods } from "../pods/prune.ts";
import { listVolumes } from "../volumes/list.ts";
import { pruneVolumes } from "../volumes/remove.ts";
import { treeSize } from "./tree-size.ts";

export interface SystemPruneOptions {
  /** Every image without a container, not only the unnamed ones. */
  readonly all: boolean;
  readonly volumes: boolean;
  /** The working containers of builds, running or not. */
  readonly build?: boolean;
  /** Only files of the store that no record names. */
  readonly external?: boolean;
  /** `key=value`, for containers, images, networks and volumes alike. */
  readonly filters: readonly string[];
}

/** What went, by id or name, and bytes that are free again. */
export interface SystemPruneReport {
  readonly pods: readonly string[];
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
  readonly networks: readonly string[];
  readonly reclaimed: number;
  /** Bytes of each container, image and volume that went, by id or name. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly errors: readonly Error[];
}

type Sizes = ReadonlyMap<string, number>;
type Part = { readonly gone: readonly string[]; readonly reclaimed: number; readonly sizes: Sizes; readonly errors: readonly Error[] };

/** Removes what nothing uses: stopped pods and containers, images, networks, and volumes when they are asked for. */
export async function pruneSystem(engine: Engine, options: SystemPruneOptions): Promise<SystemPruneReport> {
  if (options.external === true) {
    engine.store.collectGarbage();
    return { pods: [], containers: [], volumes: [], images: [], networks: [], reclaimed: 0, sizes: new Map(), errors: [] };
  }
  // What the containers of a transient store leave at a reboot has no record any more.
  if (engine.store.transientStore) engine.store.collectGarbage();
  const built = options.build === true ? await pruneBuildContainers(engine) : part([], new Map());
  const pods = await prunePods(engine);
  const containers = await pruneContainers(engine, options.filters);
  const images = await pruneImages(engine.images, {
    all: options.all,
    filters: options.filters,
    isExternalContainer: (id) => engine.state.containers.get(id) === undefined,
  });
  for (const { id, untagged } of images) engine.events.write({ type: "image", status: "remove", id, name: untagged[0] ?? "" });
  const networkReports = await pruneNetworks(engine, options.filters);
  const volumes = options.volumes ? await pruneUnusedVolumes(engine, options.filters) : part([], new Map());
  return {
    pods: pods.flatMap(({ pod, errors }) => (errors.length === 0 ? [pod.id] : [])),
    containers: [...built.gone, ...containers.gone],
    volumes: volumes.gone,
    images: images.flatMap(({ id, removed }) => (removed ? [id] : [])),
    networks: networkReports.flatMap(({ name, reference, error }) => (error === undefined ? [name ?? reference] : [])),
    reclaimed: built.reclaimed + containers.reclaimed + volumes.reclaimed + images.reduce((sum, { size }) => sum + size, 0),
    sizes: new Map([...built.sizes, ...containers.sizes, ...volumes.sizes, ...images.map(({ id, size }) => [id, size] as const)]),
    errors: [
      ...pods.flatMap(({ errors }) => errors),
      ...containers.errors,
      ...networkReports.flatMap(({ error }) => error ?? []),
      ...volumes.errors,
    ],
  };
}

/** Removes the containers that buildah made, each known by its own record beside the store's. */
async function pruneBuildContainers({ store }: Pick<Engine, "store">): Promise<Part> {
  const sizes = new Map<string, number>();
  for (const { id, layer } of store.containers.list()) {
    if (!existsSync(`${store.containers.directory(id)}/buildah.json`)) continue;
    sizes.set(id, await store.layers.diffSize(layer));
    store.containers.remove(id);
  }
  return part(
    [...sizes.keys()].map((reference) => ({ reference })),
    sizes,
  );
}

/** Removes the containers that do not run and fit. */
export async function pruneContainers(engine: Engine, filters: readonly string[]): Promise<Part> {
  const byKey: Record<string, string[]> = {};
  for (const filter of filters) (byKey[filter.slice(0, filter.indexOf("="))] ??= []).push(filter.slice(filter.indexOf("=") + 1));
  const stopped = await prunableContainers(engine, byKey, { size: true });
  const sizes = new Map(stopped.map(({ id, size }) => [id, size?.rwSize ?? 0]));
  const reports = await removeContainers(engine, [...sizes.keys()], { volumes: true });
  return part(reports, sizes);
}

/** Removes the volumes that no container uses and that fit. */
export async function pruneUnusedVolumes(engine: Engine, filters: readonly string[]): Promise<Part> {
  const sizes = new Map(listVolumes(engine, filters).map(({ name, mountPoint }) => [name, treeSize(mountPoint)]));
  const reports = await pruneVolumes(engine, filters);
  return part(reports, sizes);
}

function part(reports: readonly TargetReport[], sizes: Sizes): Part {
  const gone = reports.flatMap(({ id, reference, error }) => (error === undefined ? [id ?? reference] : []));
  return {
    gone,
    sizes,
    reclaimed: gone.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0),
    errors: reports.flatMap(({ error }) => error ?? []),
  };
}
