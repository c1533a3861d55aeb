import fs from "node:fs";
import path from "node:path";
import type { ContainerContext } from "../containers/container-store.ts";
import type { ImageContext } from "../images/image-store.ts";
import { discardStale, type LayerContext, withBins, writeLayers } from "../layers/layer-context.ts";
import type { Garbage } from "../store.ts";
import { loadRecords } from "../store-lock/record-table.ts";

const ID = /^[0-9a-f]{64}$/;
const TAR_SPLIT = /^([0-9a-f]{64})\.tar-split\.gz$/;

/**
 * Removes what no record knows: files of layers, images and containers whose making or removal was cut off by a power failure, or by
 * a tool that keeps less order. Takes the layers', images' and containers' locks, in this order.
 */
export function collectGarbage(layers: LayerContext, images: ImageContext, containers: ContainerContext): Garbage {
  discardStale(layers);
  return withBins(layers, (bins) =>
    writeLayers(layers, (layerEntries) => {
      const known = new Set([...layerEntries.map(({ raw }) => raw.id), ...loadRecords(layers.elsewhere).map(({ id }) => id)]);
      const lostLayers = layers.driver.list().filter((id) => !known.has(id));
      for (const id of lostLayers) layers.driver.discard(id, bins.files);
      for (const name of entriesOf(layers.directory)) {
        const id = TAR_SPLIT.exec(name)?.[1] ?? (ID.test(name) ? name : undefined);
        if (id !== undefined && !known.has(id)) bins.records.take(path.join(layers.directory, name));
      }
      const lostImages = images.table.write((entries) => removeUnknown([images.directory], new Set(entries.map((entry) => entry.raw.id))));
      const lostContainers = containers.table.write((entries) =>
        removeUnknown(
          [containers.directory, containers.runDirectory],
          new Set([...entries.map(({ raw }) => raw.id), ...loadRecords(containers.elsewhere).map(({ id }) => id)]),
        ),
      );
      return { layers: lostLayers, images: lostImages, containers: lostContainers };
    }),
  );
}

function removeUnknown(directories: readonly string[], known: ReadonlySet<string>): readonly string[] {
  const removed = new Set<string>();
  for (const directory of directories) {
    for (const id of entriesOf(directory)) {
      if (!ID.test(id) || known.has(id)) continue;
      fs.rmSync(path.join(directory, id), { recursive: true, force: true });
      removed.add(id);
    }
  }
  return [...removed];
}

function entriesOf(directory: string): readonly string[] {
  return fs.existsSync(directory) ? fs.readdirSync(directory) : [];
}
