import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestHex, sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { acquireFileLock } from "@containers/common/fs/file-lock";
import { buildManifestList } from "../manifest/image-index.ts";
import type { ImageManifest, ManifestList } from "../manifest/manifest.ts";
import { OCI_INDEX } from "../manifest/media-types.ts";
import { parseImageManifest, parseManifestList } from "../manifest/parse.ts";
import { deleteFromLayout } from "../transports/oci-layout/delete.ts";
import { indexPath, LAYOUT_FILE, layoutBlobPath, REF_NAME } from "../transports/oci-layout/layout.ts";
import type { LayoutName } from "../transports/oci-layout/layout-name.ts";

/** Names a file of an artifact. */
export const TITLE = "org.opencontainers.image.title";
export const CREATED = "org.opencontainers.image.created";

/**
 * Artifacts of this machine: files under a registry's name, in one OCI layout below the graph root, as the original keeps them
 * (podman-artifact(1)). Whoever changes the layout holds `index.lock`.
 */
export interface ArtifactStore {
  readonly path: string;
}

export interface Artifact {
  readonly name: string;
  readonly digest: string;
  readonly manifest: ImageManifest;
  /** The manifest as it stands in the store. */
  readonly bytes: Uint8Array;
  /** Bytes of all files. */
  readonly size: number;
}

/** Opens the artifacts below a graph root; the layout is made by whoever first writes to it. */
export function artifactStore(graphRoot: string): ArtifactStore {
  return { path: join(graphRoot, "artifacts") };
}

/** Runs `change` while nobody else changes the layout, which is there then. */
export async function withArtifactLock<T>(store: ArtifactStore, change: () => Promise<T>): Promise<T> {
  mkdirSync(store.path, { recursive: true, mode: 0o700 });
  const lock = acquireFileLock(join(store.path, "index.lock"), "write", { wait: true });
  try {
    if (!existsSync(indexPath(store.path))) writeIndex(store, { kind: "list", mediaType: OCI_INDEX, manifests: [], namesMediaType: true });
    return await change();
  } finally {
    lock?.release();
  }
}

/** All artifacts, in the order in which they came. The index is replaced as a whole, so that reading needs no lock. */
export function listArtifacts(store: ArtifactStore): readonly Artifact[] {
  if (!existsSync(indexPath(store.path))) return [];
  return parseManifestList(readFileSync(indexPath(store.path)), OCI_INDEX).manifests.map((entry) => {
    const bytes = readFileSync(layoutBlobPath(store.path, entry.digest));
    const manifest = parseImageManifest(bytes, entry.mediaType);
    const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
    return { name: entry.annotations?.[REF_NAME] ?? "", digest: sha256(bytes), manifest, bytes, size };
  });
}

/**
 * The artifact of this name, or whose digest begins so.
 *
 * @throws not-found; invalid-argument when a digest's beginning fits several
 */
export function requireArtifact(store: ArtifactStore, nameOrDigest: string): Artifact {
  const found = findArtifact(store, nameOrDigest);
  if (found === undefined) throw new ToolError("not-found", `${nameOrDigest}: artifact does not exist`, { code: "artifact-not-found" });
  return found;
}

/** As {@link requireArtifact}; undefined when there is none. */
export function findArtifact(store: ArtifactStore, nameOrDigest: string): Artifact | undefined {
  const artifacts = listArtifacts(store);
  const named = artifacts.find(({ name }) => name === nameOrDigest) ?? artifacts.find(({ name }) => name === `${nameOrDigest}:latest`);
  const hex = nameOrDigest.replace(/^sha256:/, "");
  if (named !== undefined || !/^[0-9a-f]+$/.test(hex))
    return named ?? artifacts.find((one) => `${repositoryOf(one.name)}@${one.digest}` === nameOrDigest);
  const fitting = artifacts.filter(({ digest }) => digestHex(digest).startsWith(hex));
  if (fitting.length > 1 && new Set(fitting.map(({ digest }) => digest)).size > 1) {
    throw new ToolError(
      "invalid-argument",
      `multiple artifacts found with matching digest: "${fitting.map(({ name }) => name).join(",")}"`,
    );
  }
  return fitting[0];
}

/** Removes an artifact and the files that no other one has. @returns its digest */
export async function removeArtifact(store: ArtifactStore, nameOrDigest: string): Promise<string> {
  return await withArtifactLock(store, async () => {
    const { name, digest } = requireArtifact(store, nameOrDigest);
    deleteFromLayout(layoutName(store, name));
    return digest;
  });
}

export function writeIndex(store: ArtifactStore, index: ManifestList): void {
  writeFileAtomic(join(store.path, "oci-layout"), LAYOUT_FILE, { mode: 0o644 });
  writeFileAtomic(indexPath(store.path), buildManifestList(index), { mode: 0o644 });
}

/** An artifact's place as the `oci:` transport names it. */
export function layoutName(store: ArtifactStore, name?: string): LayoutName {
  return { path: store.path, name, text: name === undefined ? store.path : `${store.path}:${name}` };
}

/** The name without tag and digest. */
export function repositoryOf(name: string): string {
  return name.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}
