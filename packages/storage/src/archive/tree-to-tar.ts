import fs from "node:fs";
import {
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  RESOLVE_BENEATH,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { toContainerId } from "../id-shift/id-mapping.ts";
import type { ByteStream, IdMappings } from "../store.ts";
import { splitDevice } from "./tar-entry.ts";
import type { TreeFile } from "./walk-tree.ts";
import { type HeaderFields, tarEnd, tarHeader, tarPadding } from "./write-tar.ts";

/** What goes into an archive: a file of a tree, or a mark that stands for a deletion. */
export type TarItem =
  | { readonly kind: "file"; readonly file: TreeFile }
  | { readonly kind: "marker"; readonly name: string; readonly mode: number; readonly owner: Pick<Stat, "uid" | "gid" | "mtimeSec"> };

const CHUNK_SIZE = 1 << 20;

/** Writes an archive of the items, in their order, in chunks of about a megabyte. Reading is synchronous, one chunk at a time. */
export async function* treeToTar(sys: Sys, items: Iterable<TarItem>, idMappings?: IdMappings): ByteStream {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const part of tarParts(sys, items, idMappings)) {
    parts.push(part);
    size += part.length;
    if (size < CHUNK_SIZE) continue;
    yield Buffer.concat(parts);
    parts.length = 0;
    size = 0;
  }
  parts.push(tarEnd());
  yield Buffer.concat(parts);
}

function* tarParts(sys: Sys, items: Iterable<TarItem>, idMappings: IdMappings | undefined): Generator<Uint8Array> {
  const linked = new Map<string, string>();
  for (const item of items) {
    if (item.kind === "marker") {
      yield tarHeader({
        name: item.name,
        type: "file",
        mode: item.mode,
        uid: item.owner.uid,
        gid: item.owner.gid,
        size: 0,
        mtime: item.owner.mtimeSec,
      });
      continue;
    }
    yield* fileParts(sys, item.file, { linked, idMappings });
  }
}

function* fileParts(
  sys: Sys,
  file: TreeFile,
  context: { linked: Map<string, string>; idMappings: IdMappings | undefined },
): Generator<Uint8Array> {
  const { stat } = file;
  const kind = stat.mode & S_IFMT;
  const type = TYPES.get(kind);
  if (type === undefined) return;
  const fields = commonFields(sys, file, context.idMappings);
  if (kind === S_IFDIR) {
    yield tarHeader({ ...fields, name: `${file.path}/`, type, size: 0 });
    return;
  }
  if (stat.nlink > 1) {
    const key = `${stat.dev}:${stat.ino}`;
    const first = context.linked.get(key);
    if (first !== undefined) {
      yield tarHeader({ ...fields, type: "hardlink", linkName: first, size: 0 });
      return;
    }
    context.linked.set(key, file.path);
  }
  if (kind === S_IFLNK) {
    yield tarHeader({ ...fields, type, linkName: sys.readlinkat(file.parent, file.name), size: 0 });
  } else if (kind === S_IFREG) {
    yield tarHeader({ ...fields, type });
    if (stat.size > 0) yield* contentParts(sys, file);
  } else {
    const { major, minor } = splitDevice(stat.rdev);
    yield tarHeader({ ...fields, type, size: 0, deviceMajor: major, deviceMinor: minor });
  }
}

/** Exactly as many bytes as the header says, even when the file is changed meanwhile. */
function* contentParts(sys: Sys, file: TreeFile): Generator<Uint8Array> {
  const fd = sys.openat2(file.parent, file.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, RESOLVE_BENEATH);
  try {
    for (let left = file.stat.size; left > 0; ) {
      const buffer = Buffer.allocUnsafe(Math.min(left, CHUNK_SIZE));
      const length = fs.readSync(fd, buffer, 0, buffer.length, null);
      yield length === 0 ? buffer.fill(0) : buffer.subarray(0, length);
      left -= length === 0 ? buffer.length : length;
    }
  } finally {
    sys.close(fd);
  }
  const padding = tarPadding(file.stat.size);
  if (padding > 0) yield Buffer.alloc(padding);
}

function commonFields(sys: Sys, file: TreeFile, idMappings: IdMappings | undefined): Omit<HeaderFields, "type"> {
  const { stat } = file;
  return {
    name: file.path,
    mode: stat.mode & 0o7777,
    uid: toContainerId(stat.uid, idMappings?.uidMap ?? []),
    gid: toContainerId(stat.gid, idMappings?.gidMap ?? []),
    size: stat.size,
    mtime: stat.mtimeSec,
    xattrs: keptAttributes(sys, file),
  };
}

/** Capabilities, IMA marks and the user's own attributes travel with a layer; all others belong to the host. */
function keptAttributes(sys: Sys, file: TreeFile): ReadonlyMap<string, Uint8Array> | undefined {
  if ((file.stat.mode & S_IFMT) === S_IFLNK) return undefined;
  const path = `/proc/self/fd/${file.parent}/${file.name}`;
  let kept: Map<string, Uint8Array> | undefined;
  for (const key of sys.llistxattr(path)) {
    const own = key.startsWith("user.") && !key.startsWith("user.overlay.");
    if (!own && key !== "security.capability" && key !== "security.ima") continue;
    const value = sys.lgetxattr(path, key);
    if (value === undefined) continue;
    kept ??= new Map();
    kept.set(key, value);
  }
  return kept;
}

/** Sockets are missing on purpose: they mean nothing without the process that listens. */
const TYPES: ReadonlyMap<number, HeaderFields["type"]> = new Map<number, HeaderFields["type"]>([
  [S_IFREG, "file"],
  [S_IFDIR, "directory"],
  [S_IFLNK, "symlink"],
  [S_IFCHR, "char"],
  [S_IFBLK, "block"],
  [S_IFIFO, "fifo"],
]);
