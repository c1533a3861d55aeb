import { copyFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { Descriptor } from "../manifest/manifest.ts";
import { layoutBlobPath } from "../transports/oci-layout/layout.ts";
import { type Artifact, type ArtifactStore, requireArtifact, TITLE } from "./artifact-store.ts";

/** Which of an artifact's files are meant; at most one of the two is given. */
export interface FileChoice {
  readonly digest?: string;
  readonly title?: string;
}

/** A file of an artifact: where it is, and what it is called where it goes. */
export interface ArtifactBlob {
  readonly source: string;
  readonly name: string;
  readonly size: number;
}

/**
 * The files of an artifact that are asked for.
 *
 * @throws invalid-argument for a choice that fits none or several, and for names that lead into other directories
 */
export function artifactBlobs(store: ArtifactStore, nameOrDigest: string, choice: FileChoice = {}): readonly ArtifactBlob[] {
  if (choice.digest !== undefined && choice.title !== undefined)
    throw new ToolError("invalid-argument", "cannot specify both digest and title");
  const artifact = requireArtifact(store, nameOrDigest);
  if (artifact.manifest.layers.length === 0) throw new ToolError("invalid-argument", "the artifact has no blobs, nothing to extract");
  return chosenLayers(artifact, choice).map((layer) => ({
    source: layoutBlobPath(store.path, layer.digest),
    name: safeName(choice.digest === undefined ? layer.annotations?.[TITLE] : undefined, layer.digest),
    size: layer.size,
  }));
}

/** Copies files of an artifact to a file, or into a directory that is there; what is there under their names is overwritten. */
export function extractArtifact(store: ArtifactStore, nameOrDigest: string, target: string, choice: FileChoice = {}): void {
  const blobs = artifactBlobs(store, nameOrDigest, choice);
  const isDirectory = statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isDirectory) requireOneTarget(blobs.length, target);
  for (const { source, name } of blobs) {
    try {
      copyFileSync(source, isDirectory ? join(target, name) : target);
    } catch (error) {
      throw wrapError("failed to create target file", error);
    }
  }
}

function chosenLayers({ manifest }: Artifact, { digest, title }: FileChoice): readonly Descriptor[] {
  if (digest === undefined && title === undefined) return manifest.layers;
  const what = title === undefined ? `digest "${digest}"` : `title "${title}"`;
  const fitting = manifest.layers.filter((layer) => (title === undefined ? layer.digest === digest : layer.annotations?.[TITLE] === title));
  if (fitting.length > 1) throw new ToolError("invalid-argument", `more than one match for the ${what}`);
  if (fitting.length === 0) throw new ToolError("not-found", `no blob with the ${what}`);
  return fitting;
}

function safeName(title: string | undefined, digest: string): string {
  return requirePlainName(title || digest.replace(":", "-"));
}

/** A title comes from whoever made the artifact: it must stay within the directory that the user named. @throws invalid-argument */
export function requirePlainName(name: string): string {
  if (name === "" || name.includes("/") || name === "." || name === "..")
    throw new ToolError("invalid-argument", `invalid name: "${name}" cannot contain /: artifact blob title invalid`);
  return name;
}

/** Only one file can be written to what is not a directory. @throws invalid-argument */
export function requireOneTarget(files: number, target: string): void {
  if (files <= 1) return;
  throw new ToolError(
    "invalid-argument",
    `the artifact consists of several blobs and the target "${target}" is not a directory and neither digest or title was specified to only copy a single blob`,
  );
}
