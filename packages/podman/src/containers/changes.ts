import type { LayerChange } from "@containers/storage/store";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer } from "../locks/with-container-lock.ts";

/** Paths that the engine itself puts into every container: they are no change of the user's. */
const OURS = new Set([
  "/dev",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/localtime",
  "/etc/mtab",
  "/etc/resolv.conf",
  "/proc",
  "/run",
  "/run/.containerenv",
  "/run/notify",
  "/run/secrets",
  "/sys",
]);

/** What the container has added, changed and deleted in its image's file system. */
export async function containerChanges(engine: Pick<Engine, "state" | "store">, reference: string): Promise<readonly LayerChange[]> {
  // One of another tool has a layer of its own in the same store.
  const own = engine.state.containers.resolve(reference);
  const record =
    engine.store.containers.get(own?.config.id ?? reference) ?? engine.store.containers.get(resolveContainer(engine, reference).config.id);
  if (record === undefined) return [];
  const changes = await engine.store.layers.changes(record.layer);
  return changes.filter(({ path }) => !OURS.has(path));
}
