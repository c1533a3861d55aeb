import { type ByteStream, drain, streamOf } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { decompressAny, detectCompression } from "../../copy/compression.ts";
import { buildDockerManifest } from "../../manifest/docker-schema2.ts";
import { DOCKER_CONFIG, DOCKER_LAYER_GZIP, DOCKER_MANIFEST } from "../../manifest/media-types.ts";
import { MAX_CONFIG_BYTES, parseImageConfig } from "../../manifest/parse.ts";
import { type ArchiveReader, openArchive } from "../archive-file/archive-reader.ts";
import type { TarEntry } from "../archive-file/tar-index.ts";
import { temporaryDirectory } from "../blob-file.ts";
import type { ImageContext, ImageReference, ImageSource } from "../transport.ts";
import { readArchiveManifest, selectItem } from "./archive-manifest.ts";
import type { ArchiveName } from "./reference.ts";

interface Layer {
  readonly diffId: string;
  readonly entry: TarEntry;
  readonly compressed: boolean;
  /** Uncompressed. */
  readonly size: number;
}

/** Opens an image of a `docker save` archive. Its layers are handed out uncompressed, which is what their diff ids are of. */
export async function openDockerArchiveSource(
  reference: ImageReference,
  place: { readonly name: ArchiveName; readonly context: ImageContext; readonly reader?: ArchiveReader },
): Promise<ImageSource> {
  const reader = place.reader ?? (await openArchive(place.name.path, temporaryDirectory(place.context.temporaryDirectory)));
  try {
    const item = selectItem(await readArchiveManifest(reader), place.name);
    const config = await reader.read(item.config, MAX_CONFIG_BYTES);
    const layers = await findLayers(reader, item.layers, parseImageConfig(config).rootfs?.diff_ids ?? []);
    return archiveSource(reference, { reader, config, layers, close: () => (place.reader === undefined ? reader.close() : undefined) });
  } catch (error) {
    if (place.reader === undefined) reader.close();
    throw error;
  }
}

function archiveSource(
  reference: ImageReference,
  image: { readonly reader: ArchiveReader; readonly config: Uint8Array; readonly layers: readonly Layer[]; readonly close: () => void },
): ImageSource {
  const { reader, config, layers } = image;
  const configDigest = sha256(config);
  // The original names gzip here whatever the archive holds; the digest that a loaded image gets depends on it.
  const manifest = buildDockerManifest({
    config: { mediaType: DOCKER_CONFIG, digest: configDigest, size: config.length },
    layers: layers.map((layer) => ({ mediaType: DOCKER_LAYER_GZIP, digest: layer.diffId, size: layer.size })),
  });
  return {
    reference,
    parallelBlobs: true,
    async manifest(instance) {
      if (instance !== undefined) throw new ToolError("unsupported", "manifest lists are not supported by docker-archive");
      return { bytes: manifest, mediaType: DOCKER_MANIFEST };
    },
    async blob(info) {
      if (info.digest === configDigest) return { stream: streamOf(config), size: config.length };
      const layer = layers.find((candidate) => candidate.diffId === info.digest);
      if (layer === undefined) throw new ToolError("not-found", `unknown blob ${info.digest}`);
      const stream: ByteStream = layer.compressed ? (await decompressAny(reader.open(layer.entry))).stream : reader.open(layer.entry);
      return { stream, size: layer.size };
    },
    signatures: async () => [],
    close: async () => image.close(),
  };
}

async function findLayers(reader: ArchiveReader, paths: readonly string[], diffIds: readonly string[]): Promise<readonly Layer[]> {
  if (paths.length !== diffIds.length)
    throw new ToolError("corrupt", `Inconsistent layer count: ${paths.length} in manifest, ${diffIds.length} in config`);
  const layers: Layer[] = [];
  for (const [index, path] of paths.entries()) {
    const entry = reader.find(path);
    const diffId = diffIds[index];
    if (entry === undefined || diffId === undefined)
      throw new ToolError("corrupt", `Some layer tarfiles are missing in the tarball: ${path}`);
    layers.push({ diffId, entry, ...(await measure(reader, entry)) });
  }
  return layers;
}

/** A manifest must tell the uncompressed size, which only decompressing tells. */
async function measure(reader: ArchiveReader, entry: TarEntry): Promise<{ readonly compressed: boolean; readonly size: number }> {
  const stream = reader.open(entry);
  for await (const head of stream) {
    if (detectCompression(head) === "none") break;
    let size = 0;
    const counted = (await decompressAny(reader.open(entry))).stream;
    await drain(
      (async function* count() {
        for await (const chunk of counted) {
          size += chunk.length;
          yield chunk;
        }
      })(),
    );
    return { compressed: true, size };
  }
  return { compressed: false, size: entry.size };
}
