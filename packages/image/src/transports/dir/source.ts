import { existsSync, statSync } from "node:fs";
import { readRegularFile } from "@containers/common/fs/regular-file";
import { guessMediaType } from "../../manifest/guess-media-type.ts";
import { MAX_MANIFEST_BYTES } from "../../manifest/parse.ts";
import { fileError, readFileStream } from "../blob-file.ts";
import type { ImageReference, ImageSource } from "../transport.ts";
import { blobPath, manifestPath, signaturePath } from "./layout.ts";

/** Opens the image in a directory. Nothing is checked before it is read. */
export async function openDirSource(reference: ImageReference, path: string): Promise<ImageSource> {
  return {
    reference,
    parallelBlobs: true,
    async manifest(instance) {
      const bytes = read(manifestPath(path, instance));
      return { bytes, mediaType: guessMediaType(bytes) };
    },
    async blob(info, options) {
      const file = blobPath(path, info.digest);
      try {
        return { stream: readFileStream(file, options), size: statSync(file).size };
      } catch (error) {
        throw fileError(error);
      }
    },
    async signatures(instance) {
      const found: Uint8Array[] = [];
      for (let index = 0; existsSync(signaturePath(path, index, instance)); index++) found.push(read(signaturePath(path, index, instance)));
      return found;
    },
    close: async () => undefined,
  };
}

function read(file: string): Uint8Array {
  try {
    return readRegularFile(file, MAX_MANIFEST_BYTES);
  } catch (error) {
    throw fileError(error);
  }
}
