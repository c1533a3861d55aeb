import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_DIRECTORY, O_PATH, S_IFDIR, S_IFMT } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { compress } from "@containers/image/copy/compression";
import { decompress, detectCompression } from "@containers/storage/archive/compression";
import { TarReader } from "@containers/storage/archive/read-tar";
import type { TarSink } from "@containers/storage/archive/tar-entry";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import type { ByteStream } from "@containers/storage/store";

export type ArchiveCompression = "gzip" | "none" | "zstd";

/** Names of the original's, in a checkpoint's archive and in the container's directory. */
export const PARTS = {
  config: "config.dump",
  spec: "spec.dump",
  network: "network.status",
  shm: "devshm-checkpoint.tar",
  rootfs: "rootfs-diff.tar",
  deleted: "deleted.files",
  volumes: "volumes",
  images: "checkpoint",
  preDump: "pre-checkpoint",
  dumpStats: "stats-dump",
  restoreStats: "stats-restore",
  dumpLog: "dump.log",
  restoreLog: "restore.log",
} as const;

/** Packs the named files and directories of a directory; those that are not there are left out. */
export function packParts(sys: Sys, directory: string, names: readonly string[]): ByteStream {
  return treeToTar(sys, partItems(sys, directory, names));
}

function* partItems(sys: Sys, directory: string, names: readonly string[]): Generator<TarItem> {
  const parent = sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, 0);
  try {
    for (const name of names) {
      if (!existsSync(`${directory}/${name}`)) continue;
      const stat = sys.fstatat(parent, name, AT_SYMLINK_NOFOLLOW);
      yield { kind: "file", file: { path: name, name, parent, stat } };
      if ((stat.mode & S_IFMT) !== S_IFDIR) continue;
      for (const file of walkTree(sys, `${directory}/${name}`)) yield { kind: "file", file: { ...file, path: `${name}/${file.path}` } };
    }
  } finally {
    sys.close(parent);
  }
}

/** A text in an archive is a description, not data: larger ones are refused. */
const LARGEST_MEMBER = 64 << 20;

/** The contents of the named files of an archive; reads no further than to the last of them. */
export async function readMembers(archive: ByteStream, names: readonly string[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const { compression, stream } = await detectCompression(archive);
  const reader = new TarReader(memberSink(names, found));
  for await (const chunk of decompress(stream, compression)) {
    reader.push(chunk);
    if (names.every((name) => found.has(name))) break;
  }
  return found;
}

function memberSink(names: readonly string[], found: Map<string, Buffer>): TarSink {
  let name = "";
  let parts: Buffer[] = [];
  return {
    raw: () => undefined,
    entry: (entry) => {
      name = entry.name.replace(/^(\.?\/)+/, "");
      parts = [];
      if (names.includes(name) && entry.size > LARGEST_MEMBER) throw new ToolError("corrupt", `the checkpoint's ${name} is too large`);
    },
    data: (bytes) => {
      if (names.includes(name)) parts.push(Buffer.from(bytes));
    },
    endEntry: () => {
      if (names.includes(name)) found.set(name, Buffer.concat(parts));
    },
  };
}

export async function compressed(stream: ByteStream, compression: ArchiveCompression): Promise<ByteStream> {
  return compression === "none" ? stream : compress(stream, compression);
}
