import type { TargetReport } from "../containers/options.ts";
import type { Engine } from "../engine/engine.ts";
import { listNetworks, usedNetworks } from "./list.ts";
import { removeNetworks } from "./remove.ts";

/** Removes every network that no container is on; `filters` (label, until) narrow that. The default network stays. */
export async function pruneNetworks(engine: Engine, filters: readonly string[] = []): Promise<TargetReport[]> {
  const used = usedNetworks(engine);
  const candidates = listNetworks(engine, { filters, allowed: ["label", "label!", "until"] }).filter(
    ({ name }) => !used.has(name) && name !== "podman",
  );
  return removeNetworks(
    engine,
    candidates.map(({ name }) => name),
  );
}
