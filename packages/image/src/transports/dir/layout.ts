import { join } from "node:path";
import { digestAlgorithm, digestHex } from "@containers/common/digest/digest";

/** What the `version` file of a directory that we may overwrite says. */
export const DIR_VERSION = "Directory Transport Version: 1.1\n";

export function versionPath(path: string): string {
  return join(path, "version");
}

/** The image's manifest, or one that a list names. */
export function manifestPath(path: string, instance?: string): string {
  return join(path, instance === undefined ? "manifest.json" : `${fileName(instance)}.manifest.json`);
}

export function blobPath(path: string, digest: string): string {
  return join(path, fileName(digest));
}

/** `index` counts from 0; file names count from 1. */
export function signaturePath(path: string, index: number, instance?: string): string {
  return join(path, instance === undefined ? `signature-${index + 1}` : `${fileName(instance)}.signature-${index + 1}`);
}

/** Digests other than sha256 keep their algorithm in the name, as there is one name space. */
function fileName(digest: string): string {
  return digestAlgorithm(digest) === "sha256" ? digestHex(digest) : `${digestAlgorithm(digest)}-${digestHex(digest)}`;
}
