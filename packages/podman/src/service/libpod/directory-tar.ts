import type { Sys } from "@containers/common/sys/sys";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import type { ByteStream } from "@containers/storage/store";

/** All files below a directory as a tar archive. */
export function directoryTar(sys: Sys, root: string): ByteStream {
  return treeToTar(sys, filesOf(sys, root));
}

function* filesOf(sys: Sys, root: string): Generator<TarItem> {
  for (const file of walkTree(sys, root)) yield { kind: "file", file };
}
