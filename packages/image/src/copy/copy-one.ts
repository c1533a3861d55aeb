import { readAll, streamOf } from "@containers/common/digest/byte-stream";
import { verifyBytes } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { isEncrypted } from "../encryption/layer-crypt.ts";
import { buildImageManifest, type ConvertedImage, convertImage } from "../manifest/convert.ts";
import type { ImageManifest } from "../manifest/manifest.ts";
import { manifestDigest } from "../manifest/manifest-digest.ts";
import { DOCKER_MANIFEST, DOCKER_SCHEMA1_SIGNED, isSchema1, OCI_LAYER_ZSTD, OCI_MANIFEST } from "../manifest/media-types.ts";
import { MAX_CONFIG_BYTES, parseManifest } from "../manifest/parse.ts";
import type { ImageDestination, ImageSource, RawManifest } from "../transports/transport.ts";
import type { BlobInfoCache } from "./blob-info-cache.ts";
import { asksForZstd, checkFormat, layersToEncrypt } from "./check-format.ts";
import { copyLayers } from "./copy-layers.ts";
import type { CopyOptions, CopyReport } from "./copy-options.ts";
import { isPresent } from "./is-present.ts";
import type { ProgressSink } from "./progress.ts";
import type { Semaphore } from "./semaphore.ts";

export interface OneImage {
  readonly source: ImageSource;
  readonly destination: ImageDestination;
  readonly options: CopyOptions;
  readonly progress: ProgressSink;
  readonly cache: BlobInfoCache;
  readonly compressors: Semaphore;
  /** The manifest of this image, verified against `instance` when that is given. */
  readonly raw: RawManifest;
  /** Digest of the instance in the source's list. */
  readonly instance?: string;
  /** Whether the instance is also written as an instance (copying a whole list). */
  readonly asInstance: boolean;
}

/** Copies a single image: layers, config, manifest, signatures; not the commit. */
export async function copyOne(image: OneImage): Promise<CopyReport> {
  const { source, destination, options, progress, cache, compressors } = image;
  if (isSchema1(image.raw.mediaType)) return await (await import("./copy-schema1.ts")).copySchema1(image);
  const parsed = parseManifest(image.raw.bytes, image.raw.mediaType);
  if (parsed.kind !== "image")
    throw new ToolError("invalid-argument", "unexpectedly received a manifest list instead of a manifest for a single image");
  if (options.policy !== undefined) await options.policy(source, image.instance);
  const signatures = await readSignatures(image);
  const keep = keepReason(image, signatures.length > 0);
  checkFormat(image, parsed, keep);
  if (await isPresent(image, { signed: signatures.length > 0 })) {
    progress.line("Skipping: image already present at destination");
    const { bytes: manifest, mediaType } = image.raw;
    return { manifest, mediaType, digest: manifestDigest(manifest), configDigest: parsed.config.digest };
  }
  const config = await readConfig(source, parsed);
  const form = keep === undefined ? (options.compression?.form ?? destination.layerCompression) : "preserve";
  const toEncrypt = layersToEncrypt(options.encryption, parsed.layers.length);
  const copied = await copyLayers({ source, destination, options, progress, form, cache, compressors, toEncrypt }, image, {
    manifest: parsed,
    config,
  });
  const updated: ImageManifest = { ...parsed, layers: copied };
  const changed = copied.some(
    (layer, index) => layer.digest !== parsed.layers[index]?.digest || layer.mediaType !== parsed.layers[index]?.mediaType,
  );
  if (changed && keep !== undefined)
    throw new ToolError("unsupported", `copying this image would change its layers, which is not possible: ${keep}`);
  const written = await writeManifest(image, { original: parsed, updated, config, changed, keep });
  await writeSignatures(image, signatures, written.manifest);
  recordLocations(image, parsed, updated);
  return written;
}

/** Remembers where the layers are now, so that other repositories of these registries can be given them without sending. */
function recordLocations(image: OneImage, from: ImageManifest, to: ImageManifest): void {
  const places = [
    { reference: image.source.reference, layers: from.layers },
    { reference: image.destination.reference, layers: to.layers },
  ];
  for (const { reference, layers } of places) {
    if (reference.transport !== "docker" || reference.dockerReference === undefined) continue;
    for (const layer of layers) image.cache.recordLocation(layer.digest, reference.dockerReference);
  }
}

/** Told before anything is copied. @throws unsupported where the destination keeps no signatures */
export function refuseSignatures({ reference, refusesSignatures }: ImageDestination, signatures: readonly Uint8Array[]): void {
  if (signatures.length === 0 || refusesSignatures === undefined) return;
  throw new ToolError(
    "unsupported",
    `Can not copy signatures to ${reference.transport}:${reference.withinTransport}: ${refusesSignatures}`,
    {
      hint: "leave them behind with --remove-signatures",
    },
  );
}

/** The signatures to take along. @throws unsupported where the destination keeps none */
export async function readSignatures(image: OneImage): Promise<readonly Uint8Array[]> {
  if (image.options.removeSignatures === true) return [];
  image.progress.line("Getting image source signatures");
  const signatures = await image.source.signatures(image.instance);
  if (signatures.length > 0) image.progress.line("Checking if image destination supports signatures");
  refuseSignatures(image.destination, signatures);
  return signatures;
}

/** Why the manifest's bytes may not change; undefined when they may. */
export function keepReason(image: OneImage, signed: boolean): string | undefined {
  if (signed) return "Would invalidate signatures";
  if (image.destination.mustKeepManifest === true) return "Destination specifies a digest";
  if (image.options.preserveDigests === true) return "Instructed to preserve digests";
  return undefined;
}

async function readConfig(source: ImageSource, manifest: ImageManifest): Promise<Uint8Array> {
  const { config } = manifest;
  if (config.size > MAX_CONFIG_BYTES) throw new ToolError("corrupt", `config ${config.digest} of ${config.size} bytes is too large`);
  try {
    const { stream } = await source.blob(config);
    const bytes = await readAll(stream, MAX_CONFIG_BYTES, `config ${config.digest}`);
    verifyBytes(bytes, config.digest, `config ${config.digest}`);
    if (config.size !== bytes.length)
      throw new ToolError("corrupt", `size mismatch, the manifest says ${config.size} bytes, the source has ${bytes.length}`);
    return bytes;
  } catch (error) {
    throw wrapError(`reading config blob ${config.digest}`, error);
  }
}

interface ManifestToWrite {
  readonly original: ImageManifest;
  readonly updated: ImageManifest;
  readonly config: Uint8Array;
  readonly changed: boolean;
  readonly keep: string | undefined;
}

/** Writes config and manifest, in the first of the possible formats that the destination accepts. */
async function writeManifest(image: OneImage, what: ManifestToWrite): Promise<CopyReport> {
  const candidates = candidateTypes(image, what);
  const refusals: string[] = [];
  for (const mediaType of candidates) {
    if (isSchema1(mediaType)) {
      const report = await trySchema1(image, { ...what, mediaType }, refusals);
      if (report !== undefined) return report;
      continue;
    }
    const converted = tryConvert(what, mediaType, refusals);
    if (converted === undefined) continue;
    const bytes = mediaType === what.original.mediaType && !what.changed ? image.raw.bytes : buildImageManifest(converted.manifest);
    await putConfig(image, converted);
    if (refusals.length === 0) image.progress.line("Writing manifest to image destination");
    try {
      await image.destination.putManifest(bytes, mediaType, image.asInstance ? manifestDigest(bytes) : undefined);
      return { manifest: bytes, mediaType, digest: manifestDigest(bytes), configDigest: converted.manifest.config.digest };
    } catch (error) {
      if (!isRejection(error) || candidates.length === 1) throw wrapError("writing manifest", error);
      refusals.push(`${mediaType} (${error.message})`);
    }
  }
  throw new ToolError("unsupported", `uploading manifest failed, attempted the following formats: ${refusals.join(", ")}`);
}

async function trySchema1(
  image: OneImage,
  what: ManifestToWrite & { readonly mediaType: string },
  refusals: string[],
): Promise<CopyReport | undefined> {
  try {
    const { config, manifest } = convertImage(what.updated, what.config, DOCKER_MANIFEST);
    return await (await import("./copy-schema1.ts")).writeAsSchema1(image, { config, manifest });
  } catch (error) {
    const mayFollow =
      image.options.format === undefined && error instanceof ToolError && (isRejection(error) || error.kind === "unsupported");
    if (!mayFollow) throw wrapError("writing manifest", error);
    refusals.push(`${what.mediaType} (${error.message})`);
    return undefined;
  }
}

/** Whether the place does not take manifests of this type. */
export function isRejection(error: unknown): error is ToolError & { readonly code: "manifest-rejected" } {
  return error instanceof ToolError && error.code === "manifest-rejected";
}

function tryConvert(what: ManifestToWrite, mediaType: string, refusals: string[]): ConvertedImage | undefined {
  try {
    return convertImage(what.updated, what.config, mediaType);
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind !== "unsupported") throw error;
    refusals.push(`${mediaType} (${error.message})`);
    return undefined;
  }
}

function candidateTypes(image: OneImage, what: ManifestToWrite): readonly string[] {
  const original = what.original.mediaType;
  const supported = image.destination.supportedManifestTypes;
  const forced = image.options.format;
  if (what.keep !== undefined) return [keptType(image, original, what.keep)];
  if (forced !== undefined && forced !== original) return [forced];
  if (forced !== undefined) return [original];
  const needsOci = asksForZstd(image.options) || hasOciLayers(what);
  if (image.destination.supportedManifestTypes.length === 0) return [needsOci ? OCI_MANIFEST : original];
  const preferred = [original, OCI_MANIFEST, DOCKER_MANIFEST, DOCKER_SCHEMA1_SIGNED].filter(
    (type, index, all) => all.indexOf(type) === index && supported.includes(type),
  );
  return needsOci ? [OCI_MANIFEST] : preferred;
}

/** A manifest that may not change goes as it is, whatever format was asked for: as with the original. */
function keptType({ destination }: OneImage, original: string, keep: string): string {
  const supported = destination.supportedManifestTypes;
  if (supported.length === 0 || supported.includes(original)) return original;
  // A layout may hold manifests of any type; as the original, rather that than another digest.
  if (["oci", "oci-archive"].includes(destination.reference.transport)) return original;
  const types = supported.join(", ");
  throw new ToolError(
    "unsupported",
    `writing manifest: the destination takes ${types}, and the manifest of type ${original} must stay: ${keep}`,
  );
}

/** Layers that only OCI can name. */
function hasOciLayers(what: ManifestToWrite): boolean {
  return what.changed && what.updated.layers.some(({ mediaType }) => mediaType === OCI_LAYER_ZSTD || isEncrypted(mediaType));
}

async function putConfig(image: OneImage, converted: ConvertedImage): Promise<void> {
  const { config } = converted.manifest;
  const info = { digest: config.digest, size: converted.config.length, mediaType: config.mediaType };
  const { destination, progress } = image;
  const bar = progress.start("config", info);
  try {
    const there = await destination.tryReuseBlob(info, { isConfig: true });
    if (there === undefined) await destination.putBlob(streamOf(converted.config), info, { isConfig: true });
    bar.advance(info.size);
    bar.done();
  } catch (error) {
    bar.failed();
    throw wrapError(`copying config ${info.digest}`, error);
  }
}

/** Puts the signatures that came along, and those to be made. */
export async function writeSignatures(image: OneImage, existing: readonly Uint8Array[], manifest: Uint8Array): Promise<void> {
  const added = image.options.sign === undefined ? [] : await image.options.sign(manifest, (line) => image.progress.line(line));
  const all = [...existing, ...added];
  if (all.length === 0) return;
  image.progress.line("Storing signatures");
  try {
    await image.destination.putSignatures(all, image.asInstance ? manifestDigest(manifest) : undefined);
  } catch (error) {
    throw wrapError("writing signatures", error);
  }
}
