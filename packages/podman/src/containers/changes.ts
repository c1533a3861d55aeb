import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
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
  "/run/podman-init",
  "/run/secrets",
  "/sys",
]);

/** What the container has added, changed and deleted in its image's file system. */
export async function containerChanges(engine: Pick<Engine, "state" | "store">, reference: string): Promise<readonly LayerChange[]> {
  const layer = containerLayer(engine, reference);
  if (layer === undefined) return [];
  const changes = await engine.store.layers.changes(layer);
  return changes.filter(({ path }) => !OURS.has(path));
}

/** What makes the first container or image another than the second; against nothing, what it changed itself. Throws `not-found`. */
export async function changesBetween(
  engine: Pick<Engine, "state" | "store" | "images">,
  [first, second]: readonly [string, string | undefined],
): Promise<readonly LayerChange[]> {
  const layer = await anyLayer(engine, first);
  const parent = second === undefined ? undefined : await anyLayer(engine, second);
  const changes = layer === undefined ? [] : await engine.store.layers.changes(layer, parent);
  return changes.filter(({ path }) => !OURS.has(path));
}

async function anyLayer(engine: Pick<Engine, "state" | "store" | "images">, reference: string): Promise<string | undefined> {
  try {
    return containerLayer(engine, reference);
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw error;
    const { requireLocalImage } = await import("@containers/image/local-images/resolve-name");
    try {
      return requireLocalImage(engine.images, reference).image.layer;
    } catch (other) {
      throw isErrorOfKind(other, "not-found") ? new ToolError("not-found", `${reference} not found: layer not known`) : other;
    }
  }
}

function containerLayer(engine: Pick<Engine, "state" | "store">, reference: string): string | undefined {
  // One of another tool has a layer of its own in the same store.
  const own = engine.state.containers.resolve(reference);
  const record =
    engine.store.containers.get(own?.config.id ?? reference) ?? engine.store.containers.get(resolveContainer(engine, reference).config.id);
  return record?.layer;
}
