import { verifyBytes } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { manifestType } from "../../manifest/guess-media-type.ts";
import { MAX_MANIFEST_BYTES, parseManifestList } from "../../manifest/parse.ts";
import { openArchive } from "../archive-file/archive-reader.ts";
import { temporaryDirectory } from "../blob-file.ts";
import { blobEntry, selectImage } from "../oci-layout/layout.ts";
import type { LayoutName } from "../oci-layout/layout-name.ts";
import type { ImageContext, ImageReference, ImageSource, RawManifest } from "../transport.ts";

/** Opens an image of an OCI archive. Blobs are read where they stand in the archive; only a compressed archive is unpacked first. */
export async function openOciArchiveSource(reference: ImageReference, name: LayoutName, context: ImageContext): Promise<ImageSource> {
  const reader = await openArchive(name.path, temporaryDirectory(context.temporaryDirectory));
  const manifest = async (digest: string, mediaType: string): Promise<RawManifest> => {
    const bytes = await reader.read(blobEntry(digest), MAX_MANIFEST_BYTES);
    verifyBytes(bytes, digest, `manifest in ${name.path}`);
    return { bytes, mediaType: manifestType(bytes, mediaType) };
  };
  try {
    const chosen = selectImage(parseManifestList(await reader.read("index.json", MAX_MANIFEST_BYTES)), name);
    return {
      reference,
      parallelBlobs: true,
      manifest: async (instance) =>
        instance === undefined ? await manifest(chosen.digest, chosen.mediaType) : await manifest(instance, ""),
      async blob(info) {
        const entry = reader.find(blobEntry(info.digest));
        if (entry === undefined) throw new ToolError("not-found", `blob ${info.digest} is missing in the archive ${name.path}`);
        return { stream: reader.open(entry), size: entry.size };
      },
      signatures: async () => [],
      close: async () => reader.close(),
    };
  } catch (error) {
    reader.close();
    throw error;
  }
}
