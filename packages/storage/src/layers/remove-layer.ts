import { ToolError } from "@containers/common/errors/tool-error";
import { textField } from "../store-lock/record-fields.ts";
import type { TableEntry } from "../store-lock/record-table.ts";
import { type Bins, discardLayer, findLayer, type LayerContext, writeLayers } from "./layer-context.ts";
import { markIncomplete } from "./layer-record.ts";
import { unmountLayer } from "./mount-layer.ts";

/**
 * Removes layers in the given order; those that are not there are passed over. The records are marked first and taken away last, so that a
 * kill in between is finished by the next process. `whenMarked` then takes away the records that need the layers: from there on they are
 * lost. Throws `in-use` when another layer stands on one.
 */
export function removeLayers(context: LayerContext, ids: readonly string[], bins: Bins, whenMarked?: () => void): void {
  writeLayers(context, (entries) => {
    const found = ids.map((id) => findLayer(entries, id)).filter((entry): entry is TableEntry => entry !== undefined);
    if (found.length === 0) {
      whenMarked?.();
      return;
    }
    for (const entry of found) {
      const child = entries.find((other) => textField(other.raw, "parent") === entry.raw.id && !found.includes(other));
      if (child !== undefined) throw new ToolError("in-use", `layer ${entry.raw.id} is used by layer ${child.raw.id}`);
    }
    for (const entry of found) {
      if (context.mounts.read((mounts) => mounts.some((mount) => mount.raw.id === entry.raw.id))) unmountLayer(context, entry.raw.id, true);
      markIncomplete(entry.raw, true);
    }
    context.table.save(found, { durable: false });
    whenMarked?.();
    for (const entry of found) discardLayer(context, entries, { entry, bins });
    context.table.save(found);
  });
}
