import { join } from "node:path";
import { digestAlgorithm, digestHex } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Descriptor, ManifestList } from "../../manifest/manifest.ts";
import type { LayoutName } from "./layout-name.ts";

export const LAYOUT_FILE = `{"imageLayoutVersion":"1.0.0"}`;
export const REF_NAME = "org.opencontainers.image.ref.name";

export function indexPath(path: string): string {
  return join(path, "index.json");
}

/** A blob's place below the layout: `blobs/sha256/…`. The digest is checked, so the path cannot leave the layout. */
export function blobEntry(digest: string): string {
  const hex = digestHex(digest);
  return `blobs/${digestAlgorithm(digest)}/${hex}`;
}

/** Where a blob stands: in the layout, or in a directory that several layouts share. */
export function layoutBlobPath(path: string, digest: string, shared?: string): string {
  return shared === undefined ? join(path, blobEntry(digest)) : join(shared, digestAlgorithm(digest), digestHex(digest));
}

/** The entry of index.json that a reference means. Throws not-found, or invalid-argument when it is ambiguous. */
export function selectImage(index: ManifestList, name: LayoutName): Descriptor {
  if (name.index !== undefined) {
    const entry = index.manifests[name.index];
    if (entry === undefined)
      throw new ToolError("not-found", `index ${name.index} is too large, only ${index.manifests.length} entries available`);
    return entry;
  }
  if (name.name !== undefined) {
    const entry = index.manifests.find((candidate) => candidate.annotations?.[REF_NAME] === name.name);
    if (entry === undefined)
      throw new ToolError("not-found", `no descriptor found for reference ${JSON.stringify(name.name)}`, { code: "image-not-found" });
    return entry;
  }
  const [only] = index.manifests;
  if (only === undefined || index.manifests.length > 1) {
    throw new ToolError(
      "invalid-argument",
      index.manifests.length > 1 ? "more than one image in oci, choose an image" : `no image in the layout ${name.path}`,
    );
  }
  return only;
}

/** The index with `entry` under its name in place of what had that name (or, without a name, of what had that digest). */
export function replaceImage(index: ManifestList, entry: Descriptor, name: string | undefined): ManifestList {
  const named: Descriptor = name === undefined ? entry : { ...entry, annotations: { ...entry.annotations, [REF_NAME]: name } };
  const kept = index.manifests.filter((other) => {
    const otherName = other.annotations?.[REF_NAME];
    return name === undefined ? !(other.digest === entry.digest && (otherName === undefined || otherName === "")) : otherName !== name;
  });
  return { ...index, manifests: [...kept, named] };
}
