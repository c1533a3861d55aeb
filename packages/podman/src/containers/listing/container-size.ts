import type { Engine } from "../../engine/engine.ts";
import { treeSize } from "../../system/tree-size.ts";

/** Bytes of the container's own layer, and of it and the image together. */
export async function containerSize(
  engine: Pick<Engine, "store">,
  id: string,
): Promise<{ readonly rootFsSize: number; readonly rwSize: number } | undefined> {
  const record = engine.store.containers.get(id);
  if (record === undefined) return undefined;
  // As the original counts: with the container's own directories.
  const places = [engine.store.containers.directory(id), engine.store.containers.runDirectory(id)];
  const rwSize = (await engine.store.layers.diffSize(record.layer)) + places.reduce((sum, place) => sum + treeSize(place), 0);
  let rootFsSize = rwSize;
  for (let at = engine.store.layers.get(record.layer)?.parent; at !== undefined && at !== ""; at = engine.store.layers.get(at)?.parent) {
    rootFsSize += engine.store.layers.get(at)?.diffSize ?? 0;
  }
  return { rootFsSize, rwSize };
}
