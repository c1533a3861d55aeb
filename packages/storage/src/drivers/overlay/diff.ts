import fs from "node:fs";
import { fsPath } from "@containers/common/fs/raw-names";
import { S_IFCHR, S_IFDIR, S_IFMT } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { type TarItem, treeToTar } from "../../archive/tree-to-tar.ts";
import { type TreeFile, walkTree } from "../../archive/walk-tree.ts";
import { OPAQUE_MARKER, overlayAttribute, WHITEOUT_PREFIX } from "../../archive/whiteouts.ts";
import type { ByteStream, IdMappings } from "../../store.ts";

export interface UpperOptions {
  /** Directories of the layers below, nearest first. */
  readonly lower: readonly string[];
  readonly userNamespace: boolean;
  readonly idMappings?: IdMappings;
}

/** A layer's upper directory as an archive, overlay's marks turned into whiteout files. */
export function diffUpper(sys: Sys, upper: string, options: UpperOptions): ByteStream {
  return treeToTar(sys, upperItems(sys, upper, options), options.idMappings);
}

/** True for overlay's mark of a deleted file: a character device 0:0. */
export function isWhiteout(stat: { readonly mode: number; readonly rdev: number }): boolean {
  return (stat.mode & S_IFMT) === S_IFCHR && stat.rdev === 0;
}

/** True for a directory that hides the one of the same name below. */
export function isOpaque(sys: Sys, file: TreeFile, userNamespace: boolean): boolean {
  const value = sys.lgetxattr(`/proc/self/fd/${file.parent}/${file.name}`, overlayAttribute("opaque", userNamespace));
  return value !== undefined && value.length === 1 && value[0] === 0x79;
}

/** What the layers below have at a path: `file`, `directory`, or nothing because it is deleted there or never was. */
export function findBelow(lower: readonly string[], file: string): "file" | "directory" | undefined {
  const stat = findStatBelow(lower, file);
  return stat === undefined ? undefined : (stat.mode & S_IFMT) === S_IFDIR ? "directory" : "file";
}

/** The file that the layers below have at a path; undefined when it is deleted there or never was. */
export function findStatBelow(lower: readonly string[], file: string): fs.Stats | undefined {
  for (const directory of lower) {
    const stat = statBelow(`${directory}/${file}`);
    if (stat !== undefined) return isWhiteout(stat) ? undefined : stat;
    for (let slash = file.lastIndexOf("/"); slash !== -1; slash = file.lastIndexOf("/", slash - 1)) {
      const parent = statBelow(`${directory}/${file.slice(0, slash)}`);
      if (parent !== undefined && isWhiteout(parent)) return undefined;
    }
  }
  return undefined;
}

function* upperItems(sys: Sys, upper: string, options: UpperOptions): Generator<TarItem> {
  for (const file of walkTree(sys, upper)) {
    if (isWhiteout(file.stat)) {
      const directory = file.path.slice(0, file.path.length - file.name.length);
      yield { kind: "marker", name: `${directory}${WHITEOUT_PREFIX}${file.name}`, mode: 0, owner: file.stat };
      continue;
    }
    yield { kind: "file", file };
    const directory = (file.stat.mode & S_IFMT) === S_IFDIR;
    if (directory && isOpaque(sys, file, options.userNamespace) && findBelow(options.lower, file.path) !== undefined) {
      yield { kind: "marker", name: `${file.path}/${OPAQUE_MARKER}`, mode: file.stat.mode & 0o777, owner: file.stat };
    }
  }
}

function statBelow(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(fsPath(file));
  } catch (error) {
    if (errnoCode(error) === "ENOENT" || errnoCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
