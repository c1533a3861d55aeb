import { S_IFDIR, S_IFMT } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { walkTree } from "../../archive/walk-tree.ts";
import type { LayerChange } from "../../store.ts";
import { findBelow, isOpaque, isWhiteout, type UpperOptions } from "./diff.ts";

/** What a layer's upper directory adds, changes and deletes. */
export function listUpperChanges(sys: Sys, upper: string, options: UpperOptions): readonly LayerChange[] {
  const changes: LayerChange[] = [];
  for (const file of walkTree(sys, upper)) {
    const path = `/${file.path}`;
    if (isWhiteout(file.stat)) {
      if (findBelow(options.lower, file.path) !== undefined) changes.push({ kind: "D", path });
      continue;
    }
    const below = findBelow(options.lower, file.path);
    const directory = (file.stat.mode & S_IFMT) === S_IFDIR;
    const replaced = directory && below === "directory" && isOpaque(sys, file, options.userNamespace);
    changes.push({ kind: below === undefined || replaced ? "A" : "C", path });
  }
  return changes;
}
