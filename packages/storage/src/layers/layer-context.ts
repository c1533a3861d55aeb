import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import type { StorageDriver } from "../drivers/driver.ts";
import { createTempDir, discardStaleTempDirs, type TempDir } from "../staging/temp-dirs.ts";
import type { PullOptions } from "../store.ts";
import { textField, textList } from "../store-lock/record-fields.ts";
import type { RecordTable, TableEntry } from "../store-lock/record-table.ts";
import type { TokenLock } from "../store-lock/token-lock.ts";
import { isIncomplete, markIncomplete } from "./layer-record.ts";
import type { UnclaimedLayers } from "./unclaimed.ts";

/** What the operations on layers work with. */
export interface LayerContext {
  readonly sys: Sys;
  readonly driver: StorageDriver;
  /** `G/storage.lock`, taken before all other locks. */
  readonly storeLock: TokenLock;
  /** `G/overlay-layers`: records, tar-split files, and `tmp` for what is being deleted. */
  readonly directory: string;
  /** layers.json and volatile-layers.json. */
  readonly table: RecordTable;
  /** The file of layers that this process does not see: of a transient store, or of an ordinary one in the same place. Their files are not garbage. */
  readonly elsewhere: string;
  /** mountpoints.json, under a lock of its own that is taken after the layers'. */
  readonly mounts: RecordTable;
  /** Index of the file that images' layers are recorded in. */
  readonly imageLayers: number;
  /** Ids of layers that listed images and containers name: with what is below them they are needed. Takes the images' and containers' locks. */
  readonly neededBy: () => readonly string[];
  /** What this process has put in place for images that are not there yet. */
  readonly unclaimed: UnclaimedLayers;
  /** Called before the records are first read by this process. */
  readonly beforeUse: () => void;
  readonly pullOptions: PullOptions;
  /** Layers of read-only additional stores. */
  readonly additional: readonly { readonly table: RecordTable; readonly directory: string }[];
}

/** Calls `action` with the records as they are now; what a killed process left half-made is removed first. */
export function readLayers<T>(context: LayerContext, action: (entries: readonly TableEntry[]) => T): T {
  context.beforeUse();
  return context.table.read(action, () => collectIncomplete(context));
}

/** Calls `action` with the records under the write lock, half-made ones removed. */
export function writeLayers<T>(context: LayerContext, action: (entries: TableEntry[]) => T): T {
  context.beforeUse();
  return context.table.write((entries) => {
    if (!context.table.nested && entries.some(isIncomplete)) collectIncomplete(context);
    return action(entries);
  });
}

/** The entry of a layer by id or name. */
export function findLayer(entries: readonly TableEntry[], idOrName: string): TableEntry | undefined {
  return entries.find((entry) => entry.raw.id === idOrName) ?? entries.find((entry) => textList(entry.raw, "names").includes(idOrName));
}

/** As {@link findLayer}, throwing `not-found`. */
export function requireLayer(entries: readonly TableEntry[], idOrName: string): TableEntry {
  const entry = findLayer(entries, idOrName);
  if (entry === undefined) throw new ToolError("not-found", `no such layer: ${idOrName}`);
  return entry;
}

/** Where a layer's tar-split data is. */
export function tarSplitPath(directory: string, id: string): string {
  return path.join(directory, `${id}.tar-split.gz`);
}

/** Two places for what is to be deleted: one on the file system of the records, one on that of the files. */
export interface Bins {
  readonly records: TempDir;
  readonly files: TempDir;
}

/** Runs `action` with places for what it deletes. The deletion itself, which may take long, comes after `action` and its locks. */
export function withBins<T>(context: LayerContext, action: (bins: Bins) => T): T {
  const records = createTempDir(context.sys, path.join(context.directory, "tmp"));
  try {
    const files = createTempDir(context.sys, context.driver.tempRoot);
    try {
      return action({ records, files });
    } finally {
      files.discard();
    }
  } finally {
    records.discard();
  }
}

/** Takes a layer's files and data away, and its entry out of `entries`; its caller saves. The layer must be marked incomplete and not mounted. */
export function discardLayer(
  context: LayerContext,
  entries: TableEntry[],
  change: { readonly entry: TableEntry; readonly bins: Bins },
): void {
  const { entry, bins } = change;
  context.driver.discard(entry.raw.id, bins.files);
  bins.records.take(tarSplitPath(context.directory, entry.raw.id));
  bins.records.take(path.join(context.directory, entry.raw.id));
  entries.splice(entries.indexOf(entry), 1);
}

/** Deletes temporary directories whose owners were killed: layers in the making or in removal. */
export function discardStale(context: LayerContext): void {
  discardStaleTempDirs(context.sys, path.join(context.directory, "tmp"));
  for (const root of [context.driver.tempRoot, ...(context.driver.moreTempRoots ?? [])]) discardStaleTempDirs(context.sys, root);
}

/**
 * Finishes what a killed process began. A marked layer whose files are in place and which an image or container names was complete:
 * only its removal, or the last step of its making, did not happen. All others go.
 */
function collectIncomplete(context: LayerContext): void {
  withBins(context, (bins) => {
    context.table.write((entries) => {
      const needed = withParents(entries, context.neededBy());
      const marked = entries.filter(isIncomplete);
      for (const entry of marked) {
        if (needed.has(entry.raw.id) && context.driver.exists(entry.raw.id)) markIncomplete(entry.raw, false);
        else discardLayer(context, entries, { entry, bins });
      }
      if (marked.length > 0) context.table.save(marked);
    });
  });
}

/** The layers and all that are below them. */
export function withParents(entries: readonly TableEntry[], ids: readonly string[]): ReadonlySet<string> {
  const parents = new Map(entries.map((entry) => [entry.raw.id, textField(entry.raw, "parent")]));
  const all = new Set<string>();
  for (const id of ids) for (let at: string | undefined = id; at !== undefined && !all.has(at); at = parents.get(at)) all.add(at);
  return all;
}

/** Name of the tar-split file inside the temporary directory. */
export const STAGED_TAR_SPLIT = "tar-split.gz";
