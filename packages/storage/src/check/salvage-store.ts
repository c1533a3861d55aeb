import type { RecordTable } from "../store-lock/record-table.ts";
import type { CheckedStore } from "./check-store.ts";
import { recoverImages } from "./recover-images.ts";
import { recoverLayers } from "./recover-layers.ts";

/**
 * Makes what can be made of record files that are damaged: the records that are whole stay, and those of layers and images come again from
 * their files. Containers' records hold what is nowhere else. Returns what was done, a sentence each.
 */
export async function salvageStore(store: CheckedStore): Promise<readonly string[]> {
  const { layers, images, containers } = store;
  const done: string[] = [];
  const salvage = (table: RecordTable): boolean => {
    const files = table.salvage();
    for (const { path, kept } of files) done.push(`${path} was damaged: ${kept} records kept, the file is ${path}.damaged now`);
    return files.length > 0;
  };
  salvage(layers.table);
  salvage(layers.mounts);
  salvage(containers.table);
  const lostImages = salvage(images.table);
  if (lostImages) for (const id of recoverImages(images, layers)) done.push(`image ${id} was recovered, without its names`);
  for (const id of await recoverLayers(store)) done.push(`the record of layer ${id} was recovered`);
  return done;
}
