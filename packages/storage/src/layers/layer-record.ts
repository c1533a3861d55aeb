import type { LayerRecord } from "../store.ts";
import { idMapField, numberField, objectField, textField, textList } from "../store-lock/record-fields.ts";
import type { RawRecord, TableEntry } from "../store-lock/record-table.ts";

/** Index of layers.json and volatile-layers.json in the layers' table. */
export const STABLE_LAYERS = 0;
export const VOLATILE_LAYERS = 1;
/** The same of an image store's layers.json, where images are kept apart from containers. */
export const IMAGE_STORE_LAYERS = 2;

const INCOMPLETE = "incomplete";

/** The public view of a record in layers.json. */
export function toLayerRecord(raw: RawRecord, readOnly: boolean): LayerRecord {
  return {
    id: raw.id,
    names: textList(raw, "names"),
    parent: textField(raw, "parent"),
    metadata: textField(raw, "metadata"),
    mountLabel: textField(raw, "mountlabel"),
    created: textField(raw, "created") ?? "",
    compressedDigest: textField(raw, "compressed-diff-digest"),
    compressedSize: numberField(raw, "compressed-size"),
    diffDigest: textField(raw, "diff-digest"),
    diffSize: numberField(raw, "diff-size") ?? (textField(raw, "diff-digest") === undefined ? undefined : 0),
    compression: numberField(raw, "compression"),
    tocDigest: textField(raw, "toc-digest"),
    claimedDiffId: claimedDiffId(raw),
    bigDataNames: textList(raw, "big-data-names"),
    uidMap: idMapField(raw, "uidmap"),
    gidMap: idMapField(raw, "gidmap"),
    readOnly,
  };
}

function claimedDiffId(raw: RawRecord): string | undefined {
  const claimed = objectField(raw, "flags")["expected-layer-diffid"];
  return typeof claimed === "string" && /^sha256:[0-9a-f]{64}$/.test(claimed) ? claimed : undefined;
}

/** True for a layer whose making or removal was cut off; whoever finds one removes it. */
export function isIncomplete(entry: TableEntry): boolean {
  return objectField(entry.raw, "flags")[INCOMPLETE] === true;
}

/** Marks a layer as being made or removed, so that a kill in between leaves something that can be told and collected. */
export function markIncomplete(raw: RawRecord, incomplete: boolean): void {
  const flags = objectField(raw, "flags");
  if (incomplete) flags[INCOMPLETE] = true;
  else delete flags[INCOMPLETE];
  if (Object.keys(flags).length === 0) delete raw.flags;
  else raw.flags = flags;
}
