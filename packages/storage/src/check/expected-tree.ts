import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import type { TarEntry, TarEntryType } from "../archive/tar-entry.ts";
import { walkTree } from "../archive/walk-tree.ts";

/** What of an archive's entry says how the file must look. */
export type EntryFacts = Pick<TarEntry, "name" | "type" | "linkName" | "mode" | "uid" | "gid" | "size"> & { readonly mtimeSec: number };

type Facts = Omit<EntryFacts, "name" | "linkName">;
/** By path; undefined for a directory that no archive names: anything is right about it. */
type Tree = Map<string, Facts | undefined>;

/** The tree that a row of layers makes, the lowest first. */
export function expectedTree(layers: readonly (readonly EntryFacts[])[]): Tree {
  const tree: Tree = new Map();
  for (const entries of layers) {
    const lower = new Set(tree.keys());
    for (const entry of entries) place(tree, lower, entry);
  }
  return tree;
}

function place(tree: Tree, lower: ReadonlySet<string>, entry: EntryFacts): void {
  const path = cleaned(entry.name);
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (base === ".wh..wh..opq") {
    for (const below of [...tree.keys()]) if (lower.has(below) && below.startsWith(`${parent}/`)) tree.delete(below);
  } else if (base.startsWith(".wh.")) {
    removeTree(tree, `${parent === "" ? "" : `${parent}/`}${base.slice(4)}`);
  } else if (path !== "" && entry.type !== "global") {
    for (let at = parent; at !== "" && !tree.has(at); at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) tree.set(at, undefined);
    const facts = entry.type === "hardlink" ? tree.get(cleaned(entry.linkName)) : entry;
    if (entry.type !== "directory") removeTree(tree, path);
    tree.set(path, facts);
  }
}

function removeTree(tree: Tree, path: string): void {
  if (!tree.delete(path)) return;
  for (const below of [...tree.keys()]) if (below.startsWith(`${path}/`)) tree.delete(below);
}

function cleaned(name: string): string {
  return name
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

/**
 * How the files below a directory differ from what is expected: one line each, `+` for what should not be there, `-` for what is missing.
 * Times of directories are passed over, for mounting something in them changes those.
 */
export function compareTree(sys: Sys, tree: Tree, root: string, ignore: { readonly owners: boolean; readonly devices: boolean }): string[] {
  const differences: string[] = [];
  const missing = new Set(tree.keys());
  for (const { path, stat } of walkTree(sys, root)) {
    missing.delete(path);
    const known = tree.has(path);
    const facts = tree.get(path);
    if (!known) differences.push(`+/${path}`);
    if (facts === undefined) continue;
    const type = typeOf(stat.mode);
    const different = [
      ...(type === facts.type ? [] : ["filetype"]),
      ...(facts.type === "symlink" || (stat.mode & 0o7777) === facts.mode ? [] : ["permissions"]),
      ...(ignore.owners || (stat.uid === facts.uid && stat.gid === facts.gid) ? [] : ["ownership"]),
      ...(facts.type === "directory" || stat.mtimeSec === facts.mtimeSec ? [] : ["modification time"]),
      ...(facts.type !== "file" || stat.size === facts.size ? [] : ["size"]),
    ];
    if (different.length > 0) differences.push(`/${path}: ${different.join(", ")}`);
  }
  for (const path of missing) {
    const type = tree.get(path)?.type;
    if (!(ignore.devices && (type === "char" || type === "block"))) differences.push(`-/${path}`);
  }
  return differences;
}

const TYPES: ReadonlyMap<number, TarEntryType> = new Map([
  [S_IFREG, "file"],
  [S_IFDIR, "directory"],
  [S_IFLNK, "symlink"],
  [S_IFCHR, "char"],
  [S_IFBLK, "block"],
  [S_IFIFO, "fifo"],
]);

function typeOf(mode: number): TarEntryType | undefined {
  return TYPES.get(mode & S_IFMT);
}
