import { dirname } from "node:path";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";
import { compact } from "./compact.ts";

/** The directories of the overlay mount; a container that is gone from the store has none. */
export function graphDriver(engine: Pick<Engine, "store">, config: ContainerConfig): Record<string, unknown> {
  const record = engine.store.containers.get(config.id);
  if (record === undefined || engine.store.driverName !== "overlay") return { Name: engine.store.driverName, Data: null };
  const upper = engine.store.layers.diffPath(record.layer);
  const lowers: string[] = [];
  for (let at = engine.store.layers.get(record.layer)?.parent; at !== undefined && at !== ""; at = engine.store.layers.get(at)?.parent) {
    lowers.push(engine.store.layers.diffPath(at));
  }
  return {
    Name: "overlay",
    Data: compact({
      LowerDir: lowers.length === 0 ? undefined : lowers.join(":"),
      MergedDir: engine.store.layers.mountPoint(record.layer),
      UpperDir: upper,
      WorkDir: `${dirname(upper)}/work`,
    }),
  };
}
