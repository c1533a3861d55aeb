import type { Stats } from "node:fs";
import { S_IFDIR, S_IFMT } from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { walkTree } from "../../archive/walk-tree.ts";
import type { LayerChange } from "../../store.ts";
import { findBelow, findStatBelow, isOpaque, isWhiteout, type UpperOptions } from "./diff.ts";

/** In milliseconds: a float holds no more of today's times. */
const MICROSECOND = 0.001;

/** What a layer's upper directory adds, changes and deletes. */
export function listUpperChanges(sys: Sys, upper: string, options: UpperOptions): readonly LayerChange[] {
  const changes: LayerChange[] = [];
  for (const file of walkTree(sys, upper)) {
    const path = `/${file.path}`;
    if (isWhiteout(file.stat)) {
      if (findBelow(options.lower, file.path) !== undefined) changes.push({ kind: "D", path });
      continue;
    }
    const below = findStatBelow(options.lower, file.path);
    const replaced = isDirectory(file.stat) && below !== undefined && isDirectory(below) && isOpaque(sys, file, options.userNamespace);
    const kind = below === undefined || replaced ? "A" : "C";
    // A directory is there also for the sake of what has changed in it, with all that it had.
    if (kind === "C" && below !== undefined && sameDirectory(file.stat, below)) continue;
    changes.push({ kind, path });
  }
  return changes;
}

function isDirectory({ mode }: { readonly mode: number }): boolean {
  return (mode & S_IFMT) === S_IFDIR;
}

/** What a mount shifted has another owner in the copy. */
function sameDirectory(copy: Stat, below: Stats): boolean {
  const milliseconds = copy.mtimeSec * 1000 + copy.mtimeNsec / 1e6;
  return isDirectory(copy) && copy.mode === below.mode && Math.abs(below.mtimeMs - milliseconds) < MICROSECOND;
}
