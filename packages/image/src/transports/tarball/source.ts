import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { drain, streamOf } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { decompressAny } from "../../copy/compression.ts";
import { hostArchitecture } from "../../manifest/choose-platform.ts";
import { goJsonBytes } from "../../manifest/go-json.ts";
import { goTime } from "../../manifest/go-time.ts";
import { OCI_CONFIG, OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD, OCI_MANIFEST } from "../../manifest/media-types.ts";
import { fileError, readFileStream, temporaryDirectory } from "../blob-file.ts";
import type { ImageContext, ImageReference, ImageSource } from "../transport.ts";

interface TarballLayer {
  readonly path: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  readonly mediaType: string;
  /** No layer may be packed so (xz, bzip2): it is handed out as the tar inside. */
  readonly unpacked: boolean;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
}

/** Reads all archives once, for their digests; standard input into a temporary file. */
export async function openTarballSource(reference: ImageReference, files: readonly string[], context: ImageContext): Promise<ImageSource> {
  const temporary: string[] = [];
  const close = async (): Promise<void> => {
    for (const directory of temporary.splice(0)) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const layers: TarballLayer[] = [];
    for (const file of files) layers.push(await readLayer(file === "-" ? await spoolStandardInput(context, temporary) : file));
    const config = goJsonBytes(configOf(layers));
    const manifest = goJsonBytes(manifestOf(layers, config));
    return {
      reference,
      parallelBlobs: false,
      async manifest(instance) {
        if (instance !== undefined) throw new ToolError("unsupported", "manifest lists are not supported by the tarball: transport");
        return { bytes: manifest, mediaType: OCI_MANIFEST };
      },
      async blob({ digest }) {
        if (digest === sha256(config)) return { stream: streamOf(config), size: config.length };
        const layer = layers.find((candidate) => candidate.digest === digest);
        if (layer === undefined) throw new ToolError("not-found", `no blob with digest ${JSON.stringify(digest)} found`);
        const file = readFileStream(layer.path);
        return { stream: layer.unpacked ? (await decompressAny(file)).stream : file, size: layer.size };
      },
      signatures: async () => [],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readLayer(path: string): Promise<TarballLayer> {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) throw new ToolError("not-found", `open ${path}: no such file or directory`);
  if (!stat.isFile()) throw new ToolError("invalid-argument", `${path} is not a file`);
  try {
    const raw = hashingStream(readFileStream(path));
    await drain(raw.stream);
    const { compression, stream } = await decompressAny(readFileStream(path));
    const plain = hashingStream(stream);
    await drain(plain.stream);
    const layer = { path, diffId: plain.digest(), modified: stat.mtimeNs };
    const unpacked = compression === "xz" || compression === "bzip2";
    if (unpacked) return { ...layer, unpacked, digest: plain.digest(), size: plain.size(), mediaType: OCI_LAYER };
    const mediaType = compression === "none" ? OCI_LAYER : compression === "zstd" ? OCI_LAYER_ZSTD : OCI_LAYER_GZIP;
    return { ...layer, unpacked, digest: raw.digest(), size: raw.size(), mediaType };
  } catch (error) {
    throw wrapError(`error reading ${JSON.stringify(path)}`, fileError(error));
  }
}

/** Kept in a file, for it is read more than once and may be large. */
async function spoolStandardInput(context: ImageContext, temporary: string[]): Promise<string> {
  const directory = mkdtempSync(join(temporaryDirectory(context.temporaryDirectory), "container_images_tarball"));
  temporary.push(directory);
  const path = join(directory, "stdin");
  const input = createReadStream("", { fd: 0, autoClose: false, highWaterMark: 1 << 20 });
  await pipeline(Readable.from(input), createWriteStream(path, { mode: 0o600 }));
  return path;
}

function configOf(layers: readonly TarballLayer[]): object {
  let newest = 0n;
  for (const { modified } of layers) if (modified > newest) newest = modified;
  return {
    created: goTime(newest),
    architecture: hostArchitecture(),
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ diffId, modified }) => ({
      created: goTime(modified),
      created_by: `/bin/sh -c #(nop) ADD file:${diffId.slice("sha256:".length)} in /`,
      comment: "imported from tarball",
    })),
  };
}

function manifestOf(layers: readonly TarballLayer[], config: Uint8Array): object {
  return {
    schemaVersion: 2,
    config: { mediaType: OCI_CONFIG, digest: sha256(config), size: config.length },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  };
}
