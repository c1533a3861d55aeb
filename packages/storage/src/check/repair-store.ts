import { wrapError } from "@containers/common/errors/tool-error";
import { withBins, writeLayers } from "../layers/layer-context.ts";
import { unmountLayer } from "../layers/mount-layer.ts";
import { removeLayers } from "../layers/remove-layer.ts";
import type { Store, StoreCheck } from "../store.ts";
import { textField } from "../store-lock/record-fields.ts";
import type { CheckedStore } from "./check-store.ts";

/**
 * Removes what was found damaged: images and layers, and containers only when asked, for what they hold is nowhere else. Goes on after a failure
 * and returns all of them.
 */
export function repairStore(
  context: CheckedStore,
  store: Pick<Store, "images" | "containers" | "collectGarbage">,
  request: { readonly check: StoreCheck; readonly containers: boolean },
): readonly Error[] {
  const { check } = request;
  const errors: Error[] = [];
  const attempt = (what: string, deed: () => void): void => {
    try {
      deed();
    } catch (error) {
      errors.push(wrapError(what, error));
    }
  };
  if (request.containers)
    for (const id of Object.keys(check.containers)) attempt(`deleting container ${id}`, () => store.containers.remove(id));
  for (const id of Object.keys(check.images)) attempt(`deleting image ${id}`, () => void store.images.remove(id));
  const unaccounted = new Set(check.unaccounted);
  for (const id of damagedLayers(context, check)) attempt(`deleting layer ${id}`, () => removeLayer(context, id));
  if (unaccounted.size > 0) {
    withBins(context.layers, (bins) =>
      writeLayers(context.layers, (entries) => {
        // Somebody may have made a record meanwhile.
        const known = new Set(entries.map(({ raw }) => raw.id));
        for (const id of unaccounted)
          if (!known.has(id)) attempt(`deleting storage layer ${id}`, () => context.layers.driver.discard(id, bins.files));
      }),
    );
  }
  // What a container left behind may be all that there is of it.
  if (request.containers) attempt("collecting what no record knows", () => void store.collectGarbage());
  return errors;
}

/** Those that still have a record, each before what it stands on. */
function damagedLayers({ layers }: CheckedStore, check: StoreCheck): string[] {
  const parents = layers.table.read((entries) => new Map(entries.map(({ raw }) => [raw.id, textField(raw, "parent")])));
  const depth = (id: string): number => {
    let count = 0;
    for (let at = parents.get(id); at !== undefined && count <= parents.size; at = parents.get(at)) count += 1;
    return count;
  };
  return Object.keys(check.layers)
    .filter((id) => parents.has(id))
    .sort((one, other) => depth(other) - depth(one));
}

function removeLayer(context: CheckedStore, id: string): void {
  const { layers } = context;
  const users = layers.neededBy();
  if (users.includes(id)) throw new Error("an image or a container needs it");
  if (layers.mounts.read((mounts) => mounts.some(({ raw }) => raw.id === id))) unmountLayer(layers, id, true);
  withBins(layers, (bins) => writeLayers(layers, () => removeLayers(layers, [id], bins)));
}
