import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { buildManifestList } from "../../manifest/image-index.ts";
import type { ManifestList } from "../../manifest/manifest.ts";
import { OCI_INDEX, OCI_MANIFEST } from "../../manifest/media-types.ts";
import { openArchiveWriter } from "../archive-file/archive-writer.ts";
import { temporaryDirectory } from "../blob-file.ts";
import { blobEntry, LAYOUT_FILE, replaceImage } from "../oci-layout/layout.ts";
import type { LayoutName } from "../oci-layout/layout-name.ts";
import type { ImageContext, ImageDestination, ImageReference } from "../transport.ts";

const NO_SIGNATURES = "Pushing signatures for OCI images is not supported";

/** Opens an archive for one image. Blobs go straight into it; the index comes last. */
export async function openOciArchiveDestination(
  reference: ImageReference,
  name: LayoutName,
  context: ImageContext,
): Promise<ImageDestination> {
  if (name.index !== undefined)
    throw new ToolError("invalid-argument", `Destination reference must not contain a manifest index @${name.index}`);
  const archive = openArchiveWriter(name.path, {
    directory: temporaryDirectory(context.temporaryDirectory),
    refusal: `oci-archive: ${name.path} exists already, and images cannot be added to an archive`,
  });
  let index: ManifestList = { kind: "list", mediaType: OCI_INDEX, manifests: [], namesMediaType: true };
  return {
    reference,
    supportedManifestTypes: [OCI_MANIFEST, OCI_INDEX],
    layerCompression: "compress",
    // A tar is written front to back.
    parallelBlobs: false,
    acceptsLists: true,
    acceptsForeignLayers: true,
    takesBorrowed: true,
    putBlob: (stream, info) => archive.addBlob(stream, info, blobEntry),
    async tryReuseBlob(info) {
      const size = archive.size(info.digest);
      return size === undefined ? undefined : { ...info, size };
    },
    async putManifest(bytes, mediaType, instance) {
      const digest = sha256(bytes);
      if (archive.size(digest) === undefined) archive.addBytes(blobEntry(digest), bytes, digest);
      if (instance === undefined) index = replaceImage(index, { mediaType, digest, size: bytes.length }, name.name);
    },
    refusesSignatures: NO_SIGNATURES,
    async putSignatures(signatures) {
      if (signatures.length > 0) throw new ToolError("unsupported", NO_SIGNATURES);
    },
    async commit() {
      archive.tar.addBytes("oci-layout", new TextEncoder().encode(LAYOUT_FILE));
      archive.tar.addBytes("index.json", buildManifestList(index));
      archive.finish();
    },
    close: async () => archive.close(),
  };
}
