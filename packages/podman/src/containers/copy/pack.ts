import { posix } from "node:path";
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, O_DIRECTORY, O_PATH, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import type { ByteStream, IdMappings } from "@containers/storage/store";
import { isDirectory, openPlace, type Place } from "./place.ts";

export interface PackOptions {
  /** What the file or directory is called in the archive; without it a directory's content stands at the top. */
  readonly name?: string;
  readonly idMappings?: IdMappings;
}

/** A file or a directory tree as a tar stream. */
export function packPlace(sys: Sys, place: Place, options: PackOptions): ByteStream {
  return treeToTar(
    sys,
    isDirectory(place.stat) ? treeItems(sys, place, options.name) : fileItem(sys, place, options.name),
    options.idMappings,
  );
}

function* treeItems(sys: Sys, place: Place, name: string | undefined): Generator<TarItem> {
  const fd = openPlace(sys, place.root, place.path, O_RDONLY | O_DIRECTORY);
  try {
    if (name !== undefined) {
      const stat = sys.fstatat(fd, "", AT_EMPTY_PATH);
      yield { kind: "file", file: { path: name, name: ".", parent: fd, stat } };
    }
    for (const file of walkTree(sys, `/proc/self/fd/${fd}`)) {
      yield { kind: "file", file: name === undefined ? file : { ...file, path: `${name}/${file.path}` } };
    }
  } finally {
    sys.close(fd);
  }
}

function* fileItem(sys: Sys, place: Place, name: string | undefined): Generator<TarItem> {
  const parent = openPlace(sys, place.root, posix.dirname(place.path), O_PATH | O_DIRECTORY);
  try {
    const base = posix.basename(place.path);
    // The only name of the file in this archive: a second one elsewhere makes it no hard link here.
    const stat = { ...sys.fstatat(parent, base, AT_SYMLINK_NOFOLLOW), nlink: 1 };
    yield { kind: "file", file: { path: name ?? base, name: base, parent, stat } };
  } finally {
    sys.close(parent);
  }
}
