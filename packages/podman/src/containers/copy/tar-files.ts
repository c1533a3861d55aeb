import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_DIRECTORY, O_PATH, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { decompress, detectCompression } from "@containers/storage/archive/compression";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import type { ByteStream } from "@containers/storage/store";
import { unpackInto } from "./unpack.ts";

/** Packs a whole directory, its own entry first, as the original does with volumes and /dev/shm. */
export function packTree(sys: Sys, directory: string): ByteStream {
  return treeToTar(sys, treeItems(sys, directory));
}

function* treeItems(sys: Sys, directory: string): Generator<TarItem> {
  const parent = sys.openat2(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0, 0);
  try {
    yield { kind: "file", file: { path: ".", name: ".", parent, stat: sys.fstatat(parent, ".", AT_SYMLINK_NOFOLLOW) } };
    for (const file of walkTree(sys, directory)) yield { kind: "file", file: { ...file, path: `./${file.path}` } };
  } finally {
    sys.close(parent);
  }
}

/** Writes a stream to a file that only its owner may read. */
export async function writeStream(path: string, stream: ByteStream): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600 });
  const failed = once(file, "error").then(([error]) => {
    throw error;
  });
  failed.catch(() => undefined);
  await Promise.race([pour(stream, file), failed]);
}

async function pour(stream: ByteStream, file: ReturnType<typeof createWriteStream>): Promise<void> {
  for await (const chunk of stream) if (!file.write(chunk)) await once(file, "drain");
  file.end();
  await once(file, "finish");
}

/** The bytes of a file, for {@link unpackArchive}. */
export function fileStream(path: string): ByteStream {
  if (!existsSync(path))
    throw new ToolError("not-found", `failed to open checkpoint archive ${path} for import: open ${path}: no such file or directory`, {
      exitCode: 125,
    });
  return createReadStream(path, { highWaterMark: 1 << 20 }) as ByteStream;
}

/** Unpacks a tar, compressed or not, below a directory; nothing gets outside of it. */
export async function unpackArchive(sys: Sys, archive: ByteStream, directory: string): Promise<void> {
  const { compression, stream } = await detectCompression(archive);
  const fd = sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, 0);
  try {
    await unpackInto(sys, { root: { fd }, path: "/", stat: undefined }, decompress(stream, compression), {
      overwrite: true,
      withoutDevices: false,
    });
  } finally {
    sys.close(fd);
  }
}
