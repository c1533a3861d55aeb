import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { readRegularFile } from "@containers/common/fs/regular-file";
import { buildManifestList } from "../../manifest/image-index.ts";
import type { ManifestList } from "../../manifest/manifest.ts";
import { OCI_INDEX, OCI_MANIFEST } from "../../manifest/media-types.ts";
import { parseManifestList } from "../../manifest/parse.ts";
import { fileError } from "../blob-file.ts";
import { storeBlob } from "../blob-writer.ts";
import type { ImageDestination, ImageReference } from "../transport.ts";
import { indexPath, LAYOUT_FILE, layoutBlobPath, replaceImage } from "./layout.ts";
import type { LayoutName } from "./layout-name.ts";

const NO_SIGNATURES = "Pushing signatures for OCI images is not supported";

/** What a layout takes, best first. */
export const LAYOUT_MANIFEST_TYPES: readonly string[] = [OCI_MANIFEST, OCI_INDEX];

/** Opens a layout directory for one more image; it is made when missing. */
export async function openOciDestination(reference: ImageReference, name: LayoutName, shared?: string): Promise<ImageDestination> {
  const { path } = name;
  if (name.index !== undefined)
    throw new ToolError("invalid-argument", `Destination reference must not contain a manifest index @${name.index}`);
  try {
    for (const directory of [path, shared ?? join(path, "blobs", "sha256")]) mkdirSync(directory, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw fileError(error);
  }
  let index = loadIndex(path);
  const target = {
    stagingDirectory: shared ?? path,
    mode: 0o644,
    path(digest: string) {
      const file = layoutBlobPath(path, digest, shared);
      mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
      return file;
    },
  };
  return {
    reference,
    supportedManifestTypes: LAYOUT_MANIFEST_TYPES,
    layerCompression: "compress",
    parallelBlobs: true,
    acceptsLists: true,
    acceptsForeignLayers: true,
    takesBorrowed: true,
    putBlob: (stream, info) => storeBlob(stream, info, target),
    async tryReuseBlob(info) {
      const stat = statSync(layoutBlobPath(path, info.digest, shared), { throwIfNoEntry: false });
      // A size that the caller knows tells a whole blob from one that was cut off by someone else's crash.
      if (stat === undefined || (info.size >= 0 && stat.size !== info.size)) return undefined;
      return { ...info, size: stat.size };
    },
    async putManifest(bytes, mediaType, instance) {
      const digest = sha256(bytes);
      writeFileAtomic(target.path(digest), bytes, { mode: 0o644 });
      if (instance === undefined) index = replaceImage(index, { mediaType, digest, size: bytes.length }, name.name);
    },
    refusesSignatures: NO_SIGNATURES,
    async putSignatures(signatures) {
      if (signatures.length > 0) throw new ToolError("unsupported", NO_SIGNATURES);
    },
    async commit() {
      writeFileSync(join(path, "oci-layout"), LAYOUT_FILE, { mode: 0o644 });
      writeFileAtomic(indexPath(path), buildManifestList(index), { mode: 0o644 });
    },
    close: async () => undefined,
  };
}

function loadIndex(path: string): ManifestList {
  if (!existsSync(indexPath(path))) return { kind: "list", mediaType: OCI_INDEX, manifests: [], namesMediaType: true };
  return parseManifestList(readRegularFile(indexPath(path)), OCI_INDEX);
}
