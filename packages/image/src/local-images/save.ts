import { ToolError } from "@containers/common/errors/tool-error";
import { copyImage } from "../copy/copy-image.ts";
import type { CopyOptions } from "../copy/copy-options.ts";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "../manifest/media-types.ts";
import { type NamedReference, parseName } from "../reference/reference.ts";
import { splitName } from "../registries-conf/alias-name.ts";
import { temporaryDirectory } from "../transports/blob-file.ts";
import { storageReference } from "../transports/containers-storage/reference.ts";
import { dirTransport } from "../transports/dir/reference.ts";
import { dockerArchiveReference } from "../transports/docker-archive/reference.ts";
import { ociArchiveReference } from "../transports/oci-archive/reference.ts";
import { ociReference } from "../transports/oci-layout/reference.ts";
import type { ImageReference } from "../transports/transport.ts";
import { copyOptions } from "./copy-options.ts";
import type { LocalImages } from "./local-images.ts";
import { normalizeName } from "./normalize-name.ts";
import { type ResolvedImage, requireLocalImage } from "./resolve-name.ts";

export const saveFormats = ["oci-dir", "oci-archive", "docker-dir", "docker-archive"] as const;
export type SaveFormat = (typeof saveFormats)[number];

export interface SaveOptions {
  readonly format: SaveFormat;
  /** Path of the archive or directory. */
  readonly output: string;
  /** More names for the one image, in a docker-archive. */
  readonly additionalTags?: readonly string[];
  /** Compresses the layers of a docker-dir. */
  readonly compress?: boolean;
  /** Leaves the layers of oci-archive and oci-dir as they stand in the store. */
  readonly acceptUncompressed?: boolean;
}

/**
 * Writes local images to an archive or a directory; only a docker-archive holds several.
 *
 * @throws not-found for an unknown image, before anything is written
 */
export async function saveImages(images: LocalImages, names: readonly string[], options: SaveOptions): Promise<void> {
  const { format } = options;
  if (names.length > 1 && format !== "docker-archive") {
    throw new ToolError("unsupported", `unsupported format "${format}" for saving multiple images (only docker-archive)`);
  }
  const resolved = names.map((name) => requireLocalImage(images, name));
  if (format === "docker-archive") return saveDockerArchive(images, resolved, options);
  const [image] = resolved;
  if (image === undefined) throw new ToolError("invalid-argument", "no image specified for saving images");
  const source = storageReference(images.store, image.image.id);
  await copyImage(source, singleDestination(image, options), {
    ...(await copyOptions(images, { fromStore: true })),
    ...conversion(options),
  });
}

function singleDestination(image: ResolvedImage, options: SaveOptions): ImageReference {
  const { output: path } = options;
  // What was named by id has no name worth keeping.
  const name = image.image.id.startsWith(image.name) ? undefined : image.name;
  const layout = { path, name, text: name === undefined ? path : `${path}:${name}` };
  if (options.format === "oci-archive") return ociArchiveReference(layout);
  return options.format === "oci-dir" ? ociReference(layout) : dirTransport.parse(path);
}

function conversion(options: SaveOptions): Pick<CopyOptions, "format" | "compression" | "removeSignatures"> {
  const base = { removeSignatures: true };
  if (options.format === "docker-dir")
    return { ...base, format: DOCKER_MANIFEST, compression: { form: options.compress === true ? "compress" : "preserve" } };
  return {
    ...base,
    format: options.format === "oci-dir" ? OCI_MANIFEST : undefined,
    compression: options.acceptUncompressed === true ? { form: "preserve" } : undefined,
  };
}

async function saveDockerArchive(images: LocalImages, resolved: readonly ResolvedImage[], options: SaveOptions): Promise<void> {
  const { openDockerArchiveWriter } = await import("../transports/docker-archive/writer.ts");
  const extra = (options.additionalTags ?? []).map(taggedName);
  const writer = openDockerArchiveWriter(options.output, temporaryDirectory(images.temporaryDirectory));
  try {
    for (const [id, names] of namesById(resolved)) {
      const [name, ...others] = [...extra, ...names];
      const destination = dockerArchiveReference({ path: options.output, name, additionalNames: others }, { writer });
      const copy = { ...(await copyOptions(images, { fromStore: true })), format: DOCKER_MANIFEST, removeSignatures: true };
      await copyImage(storageReference(images.store, id), destination, copy);
    }
    writer.finish();
  } finally {
    writer.close();
  }
}

function taggedName(tag: string): NamedReference {
  const name = normalizeName(tag);
  if (name.tag === undefined)
    throw new ToolError("invalid-argument", `invalid additional tag "${tag}": normalized to untagged "${name.toString()}"`);
  return name;
}

/** Several names may mean one image: it is written once, with all of them. Names that are ids or digests are no tags. */
function namesById(resolved: readonly ResolvedImage[]): ReadonlyMap<string, readonly NamedReference[]> {
  const names = new Map<string, NamedReference[]>();
  for (const { image, name } of resolved) {
    const known = names.get(image.id) ?? [];
    if (splitName(name).tag !== undefined && image.names.includes(name) && !known.some((other) => other.toString() === name))
      known.push(parseName(name));
    names.set(image.id, known);
  }
  return names;
}
