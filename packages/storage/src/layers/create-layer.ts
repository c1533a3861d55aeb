import { ToolError } from "@containers/common/errors/tool-error";
import { checkId, randomId } from "../short-ids/short-ids.ts";
import type { CreateLayerOptions, LayerRecord } from "../store.ts";
import { idMapField, rawIdMap, setField, textList } from "../store-lock/record-fields.ts";
import type { RawRecord, TableEntry } from "../store-lock/record-table.ts";
import { discardLayer, findLayer, type LayerContext, withBins, writeLayers } from "./layer-context.ts";
import { markIncomplete, STABLE_LAYERS, toLayerRecord, VOLATILE_LAYERS } from "./layer-record.ts";

/**
 * Makes an empty writable layer. `whenMade` gets its id as the last step before the layer counts as complete: what it throws
 * takes the layer away again.
 */
export function createLayer(context: LayerContext, options: CreateLayerOptions, whenMade?: (id: string) => void): LayerRecord {
  return writeLayers(context, (entries) => {
    const raw: RawRecord = { id: options.id === undefined ? randomId() : checkId(options.id) };
    const names = [...new Set(options.names ?? [])];
    refuseTaken(entries, raw.id, names);
    setField(raw, "names", names);
    setField(raw, "parent", options.parent);
    setField(raw, "mountlabel", options.mountLabel);
    raw.created = new Date().toISOString();
    setField(raw, "uidmap", rawIdMap(options.idMappings?.uidMap ?? []));
    setField(raw, "gidmap", rawIdMap(options.idMappings?.gidMap ?? []));
    const entry = { raw, file: options.volatile === true ? VOLATILE_LAYERS : STABLE_LAYERS };
    addLayer(context, entries, {
      entry,
      makeFiles: () => {
        requireParent(context, entries, options.parent);
        context.driver.create(raw.id, {
          parent: options.parent,
          idMappings: options.idMappings,
          parentIsShifted: isShifted(entries, options.parent),
          storageOptions: options.storageOptions ?? {},
        });
        whenMade?.(raw.id);
      },
    });
    return toLayerRecord(raw, false);
  });
}

/**
 * Adds a record around the making of the layer's files: first marked incomplete, so that a kill leaves something to be
 * found, and complete when they are all there. A failure takes everything back.
 */
export function addLayer(
  context: LayerContext,
  entries: TableEntry[],
  addition: { readonly entry: TableEntry; readonly makeFiles: () => void },
): void {
  const { entry } = addition;
  markIncomplete(entry.raw, true);
  entries.push(entry);
  context.table.save([entry], { durable: false });
  try {
    addition.makeFiles();
    markIncomplete(entry.raw, false);
    context.table.save([entry]);
  } catch (error) {
    markIncomplete(entry.raw, true);
    try {
      withBins(context, (bins) => discardLayer(context, entries, { entry, bins }));
      context.table.save([entry], { durable: false });
    } catch {
      // The mark stays: the next process to open the store removes the layer.
    }
    throw error;
  }
}

/** Throws `already-exists` when the id or a name belongs to another layer. */
function refuseTaken(entries: readonly TableEntry[], id: string, names: readonly string[]): void {
  if (entries.some((entry) => entry.raw.id === id)) throw new ToolError("already-exists", `layer ${id} already exists`);
  for (const name of names) {
    if (entries.some((entry) => textList(entry.raw, "names").includes(name)))
      throw new ToolError("already-exists", `layer name ${name} is already in use`);
  }
}

/** Whether the layer's files have the owners of a container's ids on disk. */
export function isShifted(entries: readonly TableEntry[], id: string | undefined): boolean {
  const raw = entries.find((entry) => entry.raw.id === id)?.raw;
  return raw !== undefined && ((idMapField(raw, "uidmap") ?? []).length > 0 || (idMapField(raw, "gidmap") ?? []).length > 0);
}

/** Throws `not-found` unless the parent is a layer of this or an additional store. */
export function requireParent(context: LayerContext, entries: readonly TableEntry[], parent: string | undefined): void {
  if (parent === undefined || entries.some((entry) => entry.raw.id === parent)) return;
  if (context.additional.some(({ table }) => table.read((others) => findLayer(others, parent) !== undefined))) return;
  throw new ToolError("not-found", `no such layer: ${parent}`);
}
