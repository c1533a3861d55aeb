import { closeSync, openSync, rmSync, statSync } from "node:fs";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { fileError, openUnnamedFile, readRange, writeStream } from "../blob-file.ts";
import type { BlobInfo } from "../transport.ts";
import { TarWriter } from "./tar-writer.ts";

/** An archive in the making: blobs under names made from their digests, each written once. */
export interface ArchiveWriter {
  /** Size of the blob of this digest, when it was added. */
  size(digest: string): number | undefined;
  /** Adds a blob. When digest or size are not known yet, it passes through a temporary file. */
  addBlob(stream: ByteStream, info: BlobInfo, name: (digest: string) => string): Promise<BlobInfo>;
  /** Adds bytes that are at hand; with a digest they count as a blob. */
  addBytes(name: string, bytes: Uint8Array, digest?: string): void;
  readonly tar: TarWriter;
  /** Writes the end of the archive; the system brings it to the disk in its time, as it does with every file that a user writes. */
  finish(): void;
  /** Closes the file; one that was not finished is removed, where it is ours. */
  close(): void;
}

/** Opens the archive file, which must be missing, empty, or no regular file (a pipe). */
export function openArchiveWriter(path: string, options: { readonly directory: string; readonly refusal: string }): ArchiveWriter {
  const { fd, regular } = openOutput(path, options.refusal);
  const tar = new TarWriter(fd);
  const sizes = new Map<string, number>();
  let finished = false;
  return {
    tar,
    size: (digest) => sizes.get(digest),
    async addBlob(stream, info, name) {
      const known = info.digest !== "" && info.size >= 0;
      const stored = known ? info : await addStaged(tar, stream, { info, name, directory: options.directory });
      if (known) await tar.addStream(name(info.digest), info.size, stream);
      sizes.set(stored.digest, stored.size);
      return stored;
    },
    addBytes(name, bytes, digest) {
      tar.addBytes(name, bytes);
      if (digest !== undefined) sizes.set(digest, bytes.length);
    },
    finish() {
      tar.finish();
      finished = true;
    },
    close() {
      closeSync(fd);
      if (!finished && regular) rmSync(path, { force: true });
    },
  };
}

async function addStaged(
  tar: TarWriter,
  stream: ByteStream,
  blob: { readonly info: BlobInfo; readonly name: (digest: string) => string; readonly directory: string },
): Promise<BlobInfo> {
  const fd = openUnnamedFile(blob.directory);
  try {
    const hashed = hashingStream(stream);
    const size = await writeStream(fd, hashed.stream);
    const digest = hashed.digest();
    await tar.addStream(blob.name(digest), size, readRange(fd, 0, size));
    return { ...blob.info, digest, size };
  } finally {
    closeSync(fd);
  }
}

function openOutput(path: string, refusal: string): { readonly fd: number; readonly regular: boolean } {
  try {
    const before = statSync(path, { throwIfNoEntry: false });
    if (before?.isFile() === true && before.size > 0) throw new ToolError("already-exists", refusal);
    const regular = before === undefined || before.isFile();
    return { fd: openSync(path, regular ? "w" : "r+", 0o644), regular };
  } catch (error) {
    throw fileError(error);
  }
}
