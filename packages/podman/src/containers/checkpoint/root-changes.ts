import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { AT_SYMLINK_NOFOLLOW, O_DIRECTORY, O_PATH, S_IFDIR, S_IFMT } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import type { LayerChange } from "@containers/storage/store";
import { fileStream, unpackArchive, writeStream } from "../copy/tar-files.ts";
import { PARTS } from "./archive.ts";

/**
 * Keeps what a container changed in its root file system: new and changed files in one archive, the names of deleted ones in a list. Of
 * directories that were there before, owner and mode are not kept; the original does the same.
 * @returns the names of the files made in `directory`
 */
export async function saveRootChanges(
  sys: Sys,
  changes: readonly LayerChange[],
  place: { readonly root: string; readonly directory: string },
): Promise<string[]> {
  const { root, directory } = place;
  const made: string[] = [];
  const items = [...changedFiles(sys, root, changes)];
  if (items.length > 0) {
    await writeStream(`${directory}/${PARTS.rootfs}`, treeToTar(sys, opened(sys, root, items)));
    made.push(PARTS.rootfs);
  }
  const deleted = changes.filter(({ kind }) => kind === "D").map(({ path }) => path);
  if (deleted.length > 0) {
    writeFileSync(`${directory}/${PARTS.deleted}`, JSON.stringify(deleted, null, 2), { mode: 0o600 });
    made.push(PARTS.deleted);
  }
  return made;
}

function* changedFiles(sys: Sys, root: string, changes: readonly LayerChange[]): Generator<string> {
  for (const { kind, path } of changes) {
    if (kind === "D") continue;
    if (kind === "A" || !isDirectory(sys, root, path)) yield path;
  }
}

function isDirectory(sys: Sys, root: string, path: string): boolean {
  return withParent(sys, root, path, (parent, name) => (sys.fstatat(parent, name, AT_SYMLINK_NOFOLLOW).mode & S_IFMT) === S_IFDIR) ?? true;
}

/** Each with its directory open while it is packed. */
function* opened(sys: Sys, root: string, paths: readonly string[]): Generator<TarItem> {
  for (const path of paths) {
    const parent = openParent(sys, root, path);
    if (parent === undefined) continue;
    try {
      const name = posix.basename(path);
      yield { kind: "file", file: { path: path.slice(1), name, parent, stat: sys.fstatat(parent, name, AT_SYMLINK_NOFOLLOW) } };
    } finally {
      sys.close(parent);
    }
  }
}

/** Brings the kept changes back into the root file system. */
export async function applyRootChanges(sys: Sys, directory: string, root: string): Promise<void> {
  if (existsSync(`${directory}/${PARTS.rootfs}`)) await unpackArchive(sys, fileStream(`${directory}/${PARTS.rootfs}`), root);
  if (!existsSync(`${directory}/${PARTS.deleted}`)) return;
  const deleted: unknown = JSON.parse(readFileSync(`${directory}/${PARTS.deleted}`, "utf8"));
  for (const path of Array.isArray(deleted) ? deleted : []) {
    if (typeof path === "string" && path !== "/") withParent(sys, root, path, (parent, name) => removeBelow(parent, name));
  }
}

function removeBelow(parent: number, name: string): void {
  if (name === "" || name === "." || name === "..") return;
  rmSync(`/proc/self/fd/${parent}/${name}`, { recursive: true, force: true });
}

/** Undefined when the path's directory is not there. */
function withParent<T>(sys: Sys, root: string, path: string, deed: (parent: number, name: string) => T): T | undefined {
  const parent = openParent(sys, root, path);
  if (parent === undefined) return undefined;
  try {
    return deed(parent, posix.basename(path));
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  } finally {
    sys.close(parent);
  }
}

function openParent(sys: Sys, root: string, path: string): number | undefined {
  try {
    return openInRoot(sys, root, posix.dirname(path), O_PATH | O_DIRECTORY);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoCode(error) ?? "")) return undefined;
    throw error;
  }
}
