import { closeSync, fchmodSync, fsync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";
import { fileError, writeStream } from "./blob-file.ts";
import type { BlobInfo } from "./transport.ts";

/** Worth taking the space for in advance, bytes. */
const LARGE_BLOB = 1 << 20;

const sync = promisify(fsync);

export interface BlobTarget {
  /** Directory for the file in the making; on the same file system as the final path. */
  readonly stagingDirectory: string;
  readonly mode: number;
  /** The file's final place. */
  path(digest: string): string;
}

/**
 * Stores a stream as a file under its digest: written under a temporary name, flushed to disk, then renamed. An
 * error or a kill leaves no file with the final name.
 */
export async function storeBlob(stream: ByteStream, info: BlobInfo, target: BlobTarget): Promise<BlobInfo> {
  // The caller verifies what has a digest; only what has none is hashed here.
  const hashed = info.digest === "" ? hashingStream(stream) : undefined;
  const staged = join(target.stagingDirectory, `.blob-${crypto.randomUUID()}`);
  const fd = openStaged(staged);
  let placed = false;
  try {
    // Writing into space that is taken already costs half as much.
    if (info.size >= LARGE_BLOB) linuxSys().fallocate(fd, info.size);
    const size = await writeStream(fd, hashed?.stream ?? stream);
    if (info.size >= 0 && size !== info.size) {
      throw new ToolError("corrupt", `size mismatch when storing ${info.digest}, expected ${info.size}, got ${size}`);
    }
    fchmodSync(fd, target.mode);
    await sync(fd);
    const digest = hashed?.digest() ?? info.digest;
    renameSync(staged, target.path(digest));
    placed = true;
    return { digest, size, mediaType: info.mediaType };
  } finally {
    closeSync(fd);
    if (!placed) rmSync(staged, { force: true });
  }
}

function openStaged(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    throw fileError(error);
  }
}
