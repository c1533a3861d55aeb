import { listContainers } from "../containers/list.ts";
import type { Engine } from "../engine/engine.ts";
import { volumePath } from "../volumes/volume-path.ts";
import { treeSize } from "./tree-size.ts";

/** One line of `podman system df`. Sizes in bytes. */
export interface DiskUsage {
  readonly type: "Images" | "Containers" | "Local Volumes";
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
}

/** What images, containers and volumes take on the disk, and how much of it nobody uses. */
export async function diskUsage(engine: Engine): Promise<DiskUsage[]> {
  const containers = await listContainers(engine, { all: true, size: true });
  return [imageUsage(engine, new Set(containers.map(({ imageId }) => imageId))), containerUsage(containers), volumeUsage(engine)];
}

/** Layers that several images share count once. */
function imageUsage({ store }: Pick<Engine, "store">, used: ReadonlySet<string>): DiskUsage {
  const layersOf = (top: string | undefined): string[] => {
    const ids: string[] = [];
    for (let id = top; id !== undefined && id !== ""; id = store.layers.get(id)?.parent) ids.push(id);
    return ids;
  };
  const images = store.images.list();
  const size = (ids: Iterable<string>): number => [...ids].reduce((sum, id) => sum + Math.max(0, store.layers.get(id)?.diffSize ?? 0), 0);
  const all = new Set(images.flatMap(({ layer }) => layersOf(layer)));
  const inUse = images.filter(({ id }) => used.has(id));
  const needed = new Set(inUse.flatMap(({ layer }) => layersOf(layer)));
  return { type: "Images", total: images.length, active: inUse.length, size: size(all), reclaimable: size(all) - size(needed) };
}

function containerUsage(containers: Awaited<ReturnType<typeof listContainers>>): DiskUsage {
  const running = containers.filter(({ shownStatus }) => shownStatus === "running");
  const size = (list: typeof containers): number => list.reduce((sum, container) => sum + (container.size?.rwSize ?? 0), 0);
  return {
    type: "Containers",
    total: containers.length,
    active: running.length,
    size: size(containers),
    reclaimable: size(containers) - size(running),
  };
}

function volumeUsage(engine: Pick<Engine, "state">): DiskUsage {
  const volumes = engine.state.volumes
    .list()
    .map((volume) => ({ bytes: treeSize(volumePath(volume)), used: engine.state.containers.usingVolume(volume.name).length > 0 }));
  const size = (list: typeof volumes): number => list.reduce((sum, { bytes }) => sum + bytes, 0);
  const used = volumes.filter((volume) => volume.used);
  return {
    type: "Local Volumes",
    total: volumes.length,
    active: used.length,
    size: size(volumes),
    reclaimable: size(volumes) - size(used),
  };
}
