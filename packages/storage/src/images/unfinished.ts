import fs from "node:fs";
import path from "node:path";
import { checkId } from "../short-ids/short-ids.ts";
import type { RecordTable } from "../store-lock/record-table.ts";

/** Where images are kept: `directory` has one directory for each, and the notes of this module. */
interface Images {
  readonly directory: string;
  readonly table: RecordTable;
}

/**
 * Runs `action`, which makes or removes the directory of an image as well as its record, under the images' write lock. When its process dies in between,
 * a note tells whoever comes next which directory may have no record: see {@link discardUnfinished}. An error leaves the note too.
 */
export function withNote<T>({ directory }: Images, id: string, action: () => T): T {
  const note = path.join(notesDirectory(directory), id);
  fs.mkdirSync(path.dirname(note), { recursive: true, mode: 0o700 });
  fs.writeFileSync(note, "", { mode: 0o600 });
  const result = action();
  fs.rmSync(note, { force: true });
  return result;
}

/** Removes the directories of images whose making or removal was cut off. Takes the images' write lock when there is a note. */
export function discardUnfinished(images: Images): void {
  if (notesOf(images.directory).length === 0) return;
  images.table.write((entries) => {
    for (const id of notesOf(images.directory)) {
      if (!entries.some((entry) => entry.raw.id === id))
        fs.rmSync(path.join(images.directory, checkId(id)), { recursive: true, force: true });
      fs.rmSync(path.join(notesDirectory(images.directory), id), { force: true });
    }
  });
}

function notesOf(directory: string): readonly string[] {
  return fs.existsSync(notesDirectory(directory)) ? fs.readdirSync(notesDirectory(directory)) : [];
}

function notesDirectory(directory: string): string {
  return path.join(directory, "unfinished");
}
