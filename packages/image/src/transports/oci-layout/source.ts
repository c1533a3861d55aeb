import { statSync } from "node:fs";
import { verifyBytes } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { readRegularFile } from "@containers/common/fs/regular-file";
import { manifestType } from "../../manifest/guess-media-type.ts";
import { MAX_MANIFEST_BYTES, parseManifestList } from "../../manifest/parse.ts";
import { fileError, readFileStream } from "../blob-file.ts";
import type { ImageReference, ImageSource, RawManifest } from "../transport.ts";
import { indexPath, layoutBlobPath, selectImage } from "./layout.ts";
import type { LayoutName } from "./layout-name.ts";

/** Opens one image of an OCI layout directory. @param shared where the blobs are, when several layouts share them */
export async function openOciSource(reference: ImageReference, name: LayoutName, shared?: string): Promise<ImageSource> {
  const { path } = name;
  const chosen = selectImage(parseManifestList(read(indexPath(path))), name);
  const manifest = (digest: string, mediaType: string): RawManifest => {
    const bytes = read(layoutBlobPath(path, digest, shared));
    verifyBytes(bytes, digest, `manifest in ${path}`);
    return { bytes, mediaType: manifestType(bytes, mediaType) };
  };
  return {
    reference,
    parallelBlobs: true,
    manifest: async (instance) => (instance === undefined ? manifest(chosen.digest, chosen.mediaType) : manifest(instance, "")),
    async blob(info, options) {
      const file = layoutBlobPath(path, info.digest, shared);
      try {
        return { stream: readFileStream(file, options), size: statSync(file).size };
      } catch (error) {
        throw fileError(error);
      }
    },
    signatures: async () => [],
    close: async () => undefined,
  };
}

function read(file: string): Uint8Array {
  try {
    return readRegularFile(file, MAX_MANIFEST_BYTES);
  } catch (error) {
    const readable = fileError(error);
    throw readable instanceof ToolError ? readable : error;
  }
}
