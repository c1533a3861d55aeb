import { describeError } from "@containers/common/errors/tool-error";
import { guessMediaType } from "../../manifest/guess-media-type.ts";
import { manifestDigest } from "../../manifest/manifest-digest.ts";
import { layerTypeWith } from "../../manifest/media-types.ts";
import { parseImageManifest } from "../../manifest/parse.ts";
import { readFileStream } from "../blob-file.ts";
import type { BlobInfo, ImageDestination, ImageReference, ImageSource } from "../transport.ts";
import { CacheDirectory } from "./cache-directory.ts";

export interface BlobCacheOptions {
  readonly directory: string;
  /** Of an image that is read: name layers in their gzip form, where that was kept, so that they need not be compressed again. */
  readonly compressed?: boolean;
  /** Told of what could not be kept; the copy goes on. */
  warn?(message: string): void;
}

/** An image whose blobs are looked for in a directory first, and are kept there when they are written. */
export function cachedReference(reference: ImageReference, options: BlobCacheOptions): ImageReference {
  const cache = new CacheDirectory(options.directory);
  return {
    ...reference,
    openSource: async (context) => cachedSource(await reference.openSource(context), cache, options),
    openDestination: async (context) => cachedDestination(await reference.openDestination(context), cache, options),
    delete: (context) => reference.delete(context),
  };
}

function cachedSource(source: ImageSource, cache: CacheDirectory, { compressed = false }: BlobCacheOptions): ImageSource {
  const layers = async (instance: string | undefined): Promise<readonly BlobInfo[] | undefined> => {
    const infos = await source.layerInfosForCopy?.(instance);
    // What was signed must not be changed.
    if (!compressed || (await source.signatures(instance)).length > 0) return infos;
    const raw = await source.manifest(instance);
    return (infos ?? parseImageManifest(raw.bytes, raw.mediaType).layers).map((info) => {
      const form = cache.compressedForm(info.digest);
      const mediaType = layerTypeWith(info.mediaType ?? "", "gzip");
      return form === undefined || mediaType === undefined ? info : { ...info, ...form, mediaType };
    });
  };
  return {
    reference: source.reference,
    parallelBlobs: source.parallelBlobs,
    async manifest(instance) {
      const kept = instance === undefined ? undefined : cache.manifest(instance);
      return kept === undefined ? await source.manifest(instance) : { bytes: kept, mediaType: guessMediaType(kept) ?? "" };
    },
    async blob(info, options) {
      const kept = cache.find(info);
      return kept === undefined ? await source.blob(info, options) : { stream: readFileStream(kept.path, options), size: kept.size };
    },
    findDamage: async (info) => await source.findDamage?.(info),
    signatures: (instance) => source.signatures(instance),
    layerInfosForCopy: layers,
    compressedVariants: async (info) => (await source.compressedVariants?.(info)) ?? [],
    close: () => source.close(),
  };
}

function cachedDestination(destination: ImageDestination, cache: CacheDirectory, { warn }: BlobCacheOptions): ImageDestination {
  const { prepareLayers } = destination;
  return {
    reference: destination.reference,
    supportedManifestTypes: destination.supportedManifestTypes,
    layerCompression: destination.layerCompression,
    parallelBlobs: destination.parallelBlobs,
    acceptsLists: destination.acceptsLists,
    ...(destination.acceptsForeignLayers === undefined ? {} : { acceptsForeignLayers: destination.acceptsForeignLayers }),
    ...(destination.mustKeepManifest === undefined ? {} : { mustKeepManifest: destination.mustKeepManifest }),
    ...(destination.refusesSignatures === undefined ? {} : { refusesSignatures: destination.refusesSignatures }),
    ...(destination.mustMatchRuntimePlatform === undefined ? {} : { mustMatchRuntimePlatform: destination.mustMatchRuntimePlatform }),
    ...(prepareLayers === undefined ? {} : { prepareLayers: (layers) => prepareLayers.call(destination, layers) }),
    putBlob: (stream, info, options) =>
      destination.putBlob(cache.keeping(stream, { digest: info.digest, isConfig: options.isConfig }), info, options),
    async tryReuseBlob(info, options) {
      const reused = await destination.tryReuseBlob(info, options);
      const kept = reused === undefined ? cache.find(info) : undefined;
      if (kept === undefined) return reused;
      return await destination.putBlob(readFileStream(kept.path), { ...info, size: kept.size }, { ...options, isConfig: kept.isConfig });
    },
    async putManifest(bytes, mediaType, instance) {
      try {
        cache.keepManifest(manifestDigest(bytes), bytes);
      } catch (error) {
        warn?.(`error saving manifest ${manifestDigest(bytes)} to the blob cache: ${describeError(error)}`);
      }
      await destination.putManifest(bytes, mediaType, instance);
    },
    putSignatures: (signatures, instance) => destination.putSignatures(signatures, instance),
    commit: (toplevel) => destination.commit(toplevel),
    close: () => destination.close(),
  };
}
