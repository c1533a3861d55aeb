import fs from "node:fs";
import path from "node:path";
import { acquireFileLock, type FileLock } from "@containers/common/fs/file-lock";
import { textField } from "../store-lock/record-fields.ts";
import { type LayerContext, withBins, withParents, writeLayers } from "./layer-context.ts";
import { removeLayers } from "./remove-layer.ts";

/**
 * Layers that this process put in place for an image whose record is not there yet, noted in a locked file. When the process dies first, whoever
 * comes next finds the file without its lock, and removes those that nothing came to need: see {@link discardUnclaimed}.
 */
export interface UnclaimedLayers {
  /** To be called before the layer is put in place. */
  note(id: string): void;
  /** An image has them now. */
  claim(ids: ReadonlySet<string>): void;
}

/** The notes of this process, in `LAYERS/unclaimed/`. Nothing is made until there is something to note. */
export function unclaimedLayers(layersDirectory: string): UnclaimedLayers {
  const ids = new Set<string>();
  let open: { readonly file: string; readonly lock: FileLock } | undefined;
  return {
    note(id) {
      open ??= openNotes(layersDirectory);
      ids.add(id);
      fs.appendFileSync(open.file, `${id}\n`);
    },
    claim(claimed) {
      for (const id of claimed) ids.delete(id);
      if (open === undefined || ids.size > 0) return;
      fs.rmSync(open.file, { force: true });
      open.lock.release();
      open = undefined;
    },
  };
}

function openNotes(layersDirectory: string): { readonly file: string; readonly lock: FileLock } {
  fs.mkdirSync(notesDirectory(layersDirectory), { recursive: true, mode: 0o700 });
  for (;;) {
    const file = path.join(notesDirectory(layersDirectory), Math.floor(Math.random() * 2 ** 48).toString(36));
    const lock = acquireFileLock(file, "write", { wait: true });
    // Someone who cleans up may have removed the file between its making and its locking.
    if (lock !== undefined && fs.existsSync(file)) return { file, lock };
    lock?.release();
  }
}

/**
 * Removes the layers that killed processes put in place for images which never came to be: those that no image, container or other layer stands on,
 * and that no living process has noted.
 */
export function discardUnclaimed(context: LayerContext): void {
  const { left, living } = readNotes(notesDirectory(context.directory));
  if (left.length === 0) return;
  try {
    const lost = [...new Set(left.flatMap(({ ids }) => ids))].filter((id) => !living.has(id));
    if (lost.length > 0) removeUnneeded(context, lost);
    for (const { file } of left) fs.rmSync(file, { force: true });
  } finally {
    for (const { lock } of left) lock.release();
  }
}

function removeUnneeded(context: LayerContext, lost: readonly string[]): void {
  withBins(context, (bins) =>
    writeLayers(context, (entries) => {
      const needed = withParents(entries, context.neededBy());
      // What stands on another was noted after it.
      for (const id of lost.toReversed()) {
        const exists = entries.some((entry) => entry.raw.id === id);
        const carries = entries.some((entry) => textField(entry.raw, "parent") === id);
        if (exists && !carries && !needed.has(id)) removeLayers(context, [id], bins);
      }
    }),
  );
}

interface Notes {
  readonly left: readonly { readonly file: string; readonly lock: FileLock; readonly ids: readonly string[] }[];
  readonly living: ReadonlySet<string>;
}

function readNotes(directory: string): Notes {
  const left: { file: string; lock: FileLock; ids: readonly string[] }[] = [];
  const living = new Set<string>();
  for (const name of fs.existsSync(directory) ? fs.readdirSync(directory) : []) {
    const file = path.join(directory, name);
    const lock = acquireFileLock(file, "write", { wait: false });
    const ids = fs
      .readFileSync(file, "utf8")
      .split("\n")
      .filter((id) => id !== "");
    if (lock === undefined) for (const id of ids) living.add(id);
    else left.push({ file, lock, ids });
  }
  return { left, living };
}

function notesDirectory(layersDirectory: string): string {
  return path.join(layersDirectory, "unclaimed");
}
