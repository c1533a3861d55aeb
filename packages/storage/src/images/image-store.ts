import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { checkId, findByPrefix } from "../short-ids/short-ids.ts";
import type { CreateImageOptions, ImageRecord, ImageStore } from "../store.ts";
import { setField, textList } from "../store-lock/record-fields.ts";
import type { RawRecord, RecordTable, TableEntry } from "../store-lock/record-table.ts";
import { hasBigDataFile, readBigData, writeBigData } from "./big-data.ts";
import { manifestDigests, nameImage, noteBigData, takeNames, toImageRecord } from "./image-record.ts";
import { withNote } from "./unfinished.ts";

export interface ImageContext {
  /** `G/overlay-images`. */
  readonly directory: string;
  readonly table: RecordTable;
  /** Calls `action` while the layer cannot be removed; throws `not-found` when there is no such layer. */
  readonly keepingLayer: <T>(layer: string, action: () => T) => T;
  /** Images that stand in the graph root while images are kept elsewhere: not changed, but their layers are needed. */
  readonly beside?: RecordTable | undefined;
  /** Images of read-only additional stores. */
  readonly additional: readonly { readonly table: RecordTable; readonly directory: string }[];
}

/** The images of a store; removal, which concerns layers and containers too, is given. */
export function imageStore(context: ImageContext, remove: (id: string) => readonly string[]): ImageStore {
  const list = (): readonly ImageRecord[] => listImages(context);
  const get = (idOrName: string): ImageRecord | undefined => findImage(list(), idOrName);
  const change = (id: string, action: (raw: RawRecord, entries: readonly TableEntry[]) => void): void =>
    context.table.write((entries) => {
      action(ownImage(context, entries, id).raw, entries);
      context.table.save();
    });
  const rename = (id: string, names: (current: readonly string[]) => readonly string[]): void =>
    change(id, (raw, entries) => {
      const next = names(textList(raw, "names"));
      takeNames(
        entries.map((entry) => entry.raw),
        next,
        raw.id,
      );
      nameImage(raw, next);
    });
  return {
    list,
    get,
    findByDigest: (digest) => distinct(list()).filter((image) => manifestDigests(image).has(digest)),
    findByTopLayer: (layerId) => distinct(list()).filter((image) => image.layer === layerId || image.mappedLayers.includes(layerId)),
    create: (options) =>
      options.layer === undefined
        ? createImage(context, options)
        : context.keepingLayer(options.layer, () => createImage(context, options)),
    bigData: (id, key) => {
      // Mostly it is a full id that is asked for, by listings once for each image.
      const isOwn = context.table.read((entries) => entries.some((entry) => entry.raw.id === id));
      if (isOwn) return readBigData(path.join(context.directory, id), key);
      const image = get(id);
      return image === undefined ? undefined : readBigData(directoryOf(context, image), key);
    },
    hasBigData: (image, key) => hasBigDataFile(directoryOf(context, image), key),
    setBigData: (id, key, data) =>
      change(id, (raw) => {
        writeBigData(path.join(context.directory, raw.id), { key, data }, true);
        noteBigData(raw, { key, data });
      }),
    setNames: (id, names) => rename(id, () => names),
    addNames: (id, names) => rename(id, (current) => [...names, ...current]),
    removeNames: (id, names) => rename(id, (current) => current.filter((name) => !names.includes(name))),
    setMetadata: (id, metadata) => change(id, (raw) => setField(raw, "metadata", metadata)),
    remove,
  };
}

/** All images, those of additional stores after the store's own; one that is in several stores is there several times. */
export function listImages(context: ImageContext): readonly ImageRecord[] {
  const own = context.table.read((entries) => entries.map((entry) => toImageRecord(entry.raw, false)));
  if (context.additional.length === 0) return own;
  const others = context.additional.flatMap(({ table }) => table.read((entries) => entries.map((entry) => toImageRecord(entry.raw, true))));
  return [...own, ...others];
}

/** The first of each id: the store's own where it has the image. */
function distinct(images: readonly ImageRecord[]): readonly ImageRecord[] {
  const known = new Set<string>();
  return images.filter(({ id }) => !known.has(id) && known.add(id));
}

/** By id, exact name or unique id prefix, in this order. */
export function findImage<T extends { readonly id: string; readonly names: readonly string[] }>(
  images: readonly T[],
  idOrName: string,
): T | undefined {
  return (
    images.find((image) => image.id === idOrName) ??
    images.find((image) => image.names.includes(idOrName)) ??
    findByPrefix(images, idOrName)
  );
}

/** The entry of one of the store's own images; throws `not-found`. */
export function requireImage(entries: readonly TableEntry[], idOrName: string): TableEntry {
  const found = findImage(entries.map(viewOf), idOrName);
  if (found === undefined) throw new ToolError("not-found", `${idOrName}: image not known`);
  return found.entry;
}

/** The entry of an image that is to be changed. One of an additional store gets a record of its own here, above the layers there. */
function ownImage(context: ImageContext, entries: TableEntry[], idOrName: string): TableEntry {
  const known = context.additional.length === 0 || findImage(entries.map(viewOf), idOrName) !== undefined;
  for (const { table, directory } of known ? [] : context.additional) {
    const found = table.read((others) => findImage(others.map(viewOf), idOrName)?.entry.raw);
    if (found !== undefined) return withNote(context, found.id, () => takeOver(context, entries, { raw: found, directory }));
  }
  return requireImage(entries, idOrName);
}

function takeOver(context: ImageContext, entries: TableEntry[], lent: { readonly raw: RawRecord; readonly directory: string }): TableEntry {
  const raw: RawRecord = { ...lent.raw };
  // The items come before the record: one that is listed has all of them.
  for (const key of textList(raw, "big-data-names")) {
    const data = readBigData(path.join(lent.directory, raw.id), key);
    if (data !== undefined) writeBigData(path.join(context.directory, raw.id), { key, data }, false);
  }
  setField(raw, "mapped-layers", undefined);
  takeNames(
    entries.map((entry) => entry.raw),
    textList(raw, "names"),
    raw.id,
  );
  const entry = { raw, file: 0 };
  entries.push(entry);
  context.table.save();
  return entry;
}

function viewOf(entry: TableEntry) {
  return { id: entry.raw.id, names: textList(entry.raw, "names"), entry };
}

function createImage(context: ImageContext, options: CreateImageOptions): ImageRecord {
  const id = checkId(options.id);
  return context.table.write((entries) => {
    if (entries.some((entry) => entry.raw.id === id)) throw new ToolError("already-exists", `image ${id} already exists`);
    const raw: RawRecord = { id };
    setField(raw, "digest", options.digest);
    nameImage(raw, options.names ?? []);
    setField(raw, "layer", options.layer);
    setField(raw, "metadata", options.metadata);
    return withNote(context, id, () => {
      // The items come before the record: one that is listed has all of them.
      for (const item of options.bigData ?? []) {
        writeBigData(path.join(context.directory, id), item, false);
        noteBigData(raw, item);
      }
      raw.created = (options.created ?? new Date()).toISOString();
      takeNames(
        entries.map((entry) => entry.raw),
        options.names ?? [],
        id,
      );
      entries.push({ raw, file: 0 });
      context.table.save();
      return toImageRecord(raw, false);
    });
  });
}

function directoryOf(context: ImageContext, image: Pick<ImageRecord, "id" | "readOnly">): string {
  if (!image.readOnly) return path.join(context.directory, image.id);
  for (const { table, directory } of context.additional) {
    if (table.read((entries) => entries.some((entry) => entry.raw.id === image.id))) return path.join(directory, image.id);
  }
  return path.join(context.directory, image.id);
}
