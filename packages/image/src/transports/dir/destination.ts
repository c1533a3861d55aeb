import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { readRegularFile } from "@containers/common/fs/regular-file";
import { fileError } from "../blob-file.ts";
import { storeBlob } from "../blob-writer.ts";
import type { ImageDestination, ImageReference } from "../transport.ts";
import { blobPath, DIR_VERSION, manifestPath, signaturePath, versionPath } from "./layout.ts";

/**
 * Opens a directory for an image: it is made when missing, emptied when it holds an image in this format, and refused when
 * it holds anything else.
 */
export async function openDirDestination(reference: ImageReference, path: string): Promise<ImageDestination> {
  try {
    prepareDirectory(path);
  } catch (error) {
    throw fileError(error);
  }
  const target = { stagingDirectory: path, mode: 0o644, path: (digest: string) => blobPath(path, digest) };
  return {
    reference,
    supportedManifestTypes: [],
    layerCompression: "preserve",
    parallelBlobs: true,
    acceptsLists: true,
    takesBorrowed: true,
    putBlob: (stream, info) => storeBlob(stream, info, target),
    async tryReuseBlob(info) {
      const stat = statSync(blobPath(path, info.digest), { throwIfNoEntry: false });
      return stat === undefined ? undefined : { ...info, size: stat.size };
    },
    async putManifest(bytes, _mediaType, instance) {
      writeFileAtomic(manifestPath(path, instance), bytes, { mode: 0o644 });
    },
    async putSignatures(signatures, instance) {
      for (const [index, signature] of signatures.entries())
        writeFileAtomic(signaturePath(path, index, instance), signature, { mode: 0o644 });
    },
    commit: async () => undefined,
    close: async () => undefined,
  };
}

function prepareDirectory(path: string): void {
  const present = existsSync(path) ? readdirSync(path) : undefined;
  if (present === undefined) mkdirSync(path, { recursive: true, mode: 0o755 });
  else if (present.length > 0) {
    if (!isImageDirectory(path))
      throw new ToolError("invalid-state", `${path}: not a containers image directory, don't want to overwrite important data`);
    for (const name of present) rmSync(join(path, name), { recursive: true });
  }
  writeFileSync(versionPath(path), DIR_VERSION, { mode: 0o644 });
}

function isImageDirectory(path: string): boolean {
  return existsSync(versionPath(path)) && readRegularFile(versionPath(path)).toString() === DIR_VERSION;
}
