import { S_IFDIR, S_IFMT } from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { type TarItem, treeToTar } from "../archive/tree-to-tar.ts";
import { walkTree } from "../archive/walk-tree.ts";
import { WHITEOUT_PREFIX } from "../archive/whiteouts.ts";
import type { ByteStream, IdMappings, LayerChange } from "../store.ts";

/** The difference of two complete trees as an archive, for drivers or parents where no directory holds just that. */
export function naiveDiff(
  sys: Sys,
  layer: string,
  options: { readonly parent: string | undefined; readonly idMappings?: IdMappings },
): ByteStream {
  return treeToTar(sys, changedItems(sys, layer, options.parent), options.idMappings);
}

/** What `layer` has added, changed and deleted against `parent`, both complete trees. */
export function naiveChanges(sys: Sys, layer: string, parent: string | undefined): readonly LayerChange[] {
  const before = snapshot(sys, parent);
  const changes: LayerChange[] = [];
  for (const file of walkTree(sys, layer)) {
    const old = before.get(file.path);
    before.delete(file.path);
    if (old === undefined) changes.push({ kind: "A", path: `/${file.path}` });
    else if (differs(old, file.stat)) changes.push({ kind: "C", path: `/${file.path}` });
  }
  for (const path of topDeleted(before)) changes.push({ kind: "D", path: `/${path}` });
  return markParents(changes).sort((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0));
}

function* changedItems(sys: Sys, layer: string, parent: string | undefined): Generator<TarItem> {
  const wanted = new Map(naiveChanges(sys, layer, parent).map((change) => [change.path, change.kind]));
  const now = { uid: 0, gid: 0, mtimeSec: Math.floor(Date.now() / 1000) };
  for (const file of walkTree(sys, layer)) {
    if (wanted.has(`/${file.path}`)) yield { kind: "file", file };
  }
  for (const [path, kind] of wanted) {
    if (kind !== "D") continue;
    const slash = path.lastIndexOf("/");
    yield { kind: "marker", name: `${path.slice(1, slash + 1)}${WHITEOUT_PREFIX}${path.slice(slash + 1)}`, mode: 0, owner: now };
  }
}

function snapshot(sys: Sys, tree: string | undefined): Map<string, Stat> {
  const files = new Map<string, Stat>();
  if (tree !== undefined) for (const file of walkTree(sys, tree)) files.set(file.path, file.stat);
  return files;
}

function differs(before: Stat, after: Stat): boolean {
  if (before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid || before.rdev !== after.rdev) return true;
  // A directory's time and size say only that something in it changed, which is told by the thing itself.
  if ((after.mode & S_IFMT) === S_IFDIR) return false;
  return (
    before.size !== after.size ||
    before.mtimeSec !== after.mtimeSec ||
    (before.mtimeNsec !== after.mtimeNsec && before.mtimeNsec !== 0 && after.mtimeNsec !== 0)
  );
}

/** Of what is gone, only what is not inside something else that is gone. */
function topDeleted(gone: ReadonlyMap<string, Stat>): string[] {
  return [...gone.keys()].filter((path) => {
    for (let slash = path.lastIndexOf("/"); slash !== -1; slash = path.lastIndexOf("/", slash - 1))
      if (gone.has(path.slice(0, slash))) return false;
    return true;
  });
}

/** Directories above a change count as changed, as they do where the change made a copy of them. */
function markParents(changes: readonly LayerChange[]): LayerChange[] {
  const known = new Map(changes.map((change) => [change.path, change]));
  for (const { path } of changes) {
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      const above = path.slice(0, slash);
      if (!known.has(above)) known.set(above, { kind: "C", path: above });
    }
  }
  return [...known.values()];
}
