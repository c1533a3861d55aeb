import { existsSync, rmSync } from "node:fs";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { readRegularFile } from "@containers/common/fs/regular-file";
import { buildManifestList } from "../../manifest/image-index.ts";
import type { Descriptor, ManifestList } from "../../manifest/manifest.ts";
import { parseManifest, parseManifestList } from "../../manifest/parse.ts";
import { fileError } from "../blob-file.ts";
import { indexPath, layoutBlobPath, selectImage } from "./layout.ts";
import type { LayoutName } from "./layout-name.ts";

/** Deletes one image: its entry in the index first, then the blobs that no other image of the layout names. */
export function deleteFromLayout(name: LayoutName, shared?: string): void {
  const { path } = name;
  const index = loadIndex(path);
  const chosen = selectImage(index, name);
  const remaining: ManifestList = { ...index, manifests: index.manifests.filter((entry) => entry !== chosen) };
  // Who else uses shared blobs, nobody here can tell.
  if (shared !== undefined) {
    writeFileAtomic(indexPath(path), buildManifestList(remaining), { mode: 0o644 });
    return;
  }
  const kept = new Set(remaining.manifests.flatMap((entry) => reachable(path, entry)));
  const doomed = reachable(path, chosen).filter((digest) => !kept.has(digest));
  writeFileAtomic(indexPath(path), buildManifestList(remaining), { mode: 0o644 });
  for (const digest of doomed) rmSync(layoutBlobPath(path, digest), { force: true });
}

function reachable(path: string, entry: Descriptor): string[] {
  const file = layoutBlobPath(path, entry.digest);
  if (!existsSync(file)) return [entry.digest];
  const manifest = parseManifest(readRegularFile(file), entry.mediaType);
  const below =
    manifest.kind === "list"
      ? manifest.manifests.flatMap((child) => reachable(path, child))
      : [manifest.config, ...manifest.layers].map((blob) => blob.digest);
  return [entry.digest, ...below];
}

function loadIndex(path: string): ManifestList {
  try {
    return parseManifestList(readRegularFile(indexPath(path)));
  } catch (error) {
    throw fileError(error);
  }
}
