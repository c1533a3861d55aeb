import fs from "node:fs";
import { fsPath } from "@containers/common/fs/raw-names";
import { readNames } from "@containers/common/fs/read-names";
import type { Sys } from "@containers/common/sys/sys";
import type { IdMapping, IdMappings } from "../store.ts";
import { toHostId } from "./id-mapping.ts";

const SET_ID_BITS = 0o6000;
const CAPABILITY = "security.capability";

/**
 * Gives every file below `root` the host's ids for its owners, and `root` itself those for `rootOwner`: it may have been shifted when it was made. An owner that the maps do not cover stays: inside it
 * shows as nobody. All owners are read before the first is changed, so that names of one file are not shifted twice.
 */
export function chownTree(
  sys: Sys,
  root: string,
  { mappings, rootOwner }: { readonly mappings: IdMappings; readonly rootOwner: { readonly uid: number; readonly gid: number } },
): void {
  for (const { file, stat } of [...walk(root)]) {
    const owner = file === root ? rootOwner : stat;
    const uid = shifted(owner.uid, mappings.uidMap);
    const gid = shifted(owner.gid, mappings.gidMap);
    if (uid === stat.uid && gid === stat.gid) continue;
    const capability = stat.isFile() ? sys.lgetxattr(file, CAPABILITY) : undefined;
    fs.lchownSync(fsPath(file), uid, gid);
    // The kernel takes both away with a change of owner.
    if (!stat.isSymbolicLink() && (stat.mode & SET_ID_BITS) !== 0) fs.chmodSync(fsPath(file), stat.mode & 0o7777);
    if (capability !== undefined) sys.lsetxattr(file, CAPABILITY, capability);
  }
}

function* walk(file: string): Generator<{ readonly file: string; readonly stat: fs.Stats }> {
  const stat = fs.lstatSync(fsPath(file));
  yield { file, stat };
  if (!stat.isDirectory()) return;
  for (const name of readNames(file)) yield* walk(`${file}/${name}`);
}

function shifted(id: number, ranges: readonly IdMapping[]): number {
  const covered = ranges.some(({ containerId, size }) => id >= containerId && id < containerId + size);
  return covered ? toHostId(id, ranges) : id;
}
