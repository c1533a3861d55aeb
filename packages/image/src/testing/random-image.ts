import { gzipSync } from "node:zlib";
import { sha256 } from "@containers/common/digest/digest";
import { buildImageManifest } from "../manifest/convert.ts";
import type { ImageManifest } from "../manifest/manifest.ts";
import {
  DOCKER_CONFIG,
  DOCKER_LAYER,
  DOCKER_LAYER_GZIP,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
} from "../manifest/media-types.ts";

export interface RandomImageOptions {
  readonly layers?: number;
  /** Bytes of the one file in each layer. */
  readonly fileSize?: number;
  readonly mediaType?: string;
  readonly compressed?: boolean;
  readonly architecture?: string;
  /** Makes the contents: the same seed gives the same image. */
  readonly seed?: number;
}

/** An image in memory, whole and right. */
export interface RandomImage {
  readonly manifest: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
  readonly config: Uint8Array;
  readonly configDigest: string;
  readonly diffIds: readonly string[];
  /** Every blob, the config included, by digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** An image of random files for tests. */
export function randomImage(options: RandomImageOptions = {}): RandomImage {
  const docker = options.mediaType === DOCKER_MANIFEST;
  const compressed = options.compressed ?? true;
  const random = generator(options.seed ?? 1);
  const tars = Array.from({ length: options.layers ?? 2 }, (_, index) =>
    tarOf(`file-${index}`, randomBytes(options.fileSize ?? 5000, random)),
  );
  const diffIds = tars.map((tar) => sha256(tar));
  const config = configBytes(diffIds, options.architecture ?? "amd64");
  const blobs = new Map<string, Uint8Array>([[sha256(config), config]]);
  const layers = tars.map((tar) => {
    const bytes = compressed ? gzipSync(tar) : tar;
    blobs.set(sha256(bytes), bytes);
    return {
      mediaType: docker ? (compressed ? DOCKER_LAYER_GZIP : DOCKER_LAYER) : compressed ? OCI_LAYER_GZIP : OCI_LAYER,
      digest: sha256(bytes),
      size: bytes.length,
    };
  });
  const parsed: ImageManifest = {
    kind: "image",
    mediaType: docker ? DOCKER_MANIFEST : OCI_MANIFEST,
    config: { mediaType: docker ? DOCKER_CONFIG : OCI_CONFIG, digest: sha256(config), size: config.length },
    layers,
    namesMediaType: true,
  };
  const manifest = buildImageManifest(parsed);
  return { manifest, mediaType: parsed.mediaType, digest: sha256(manifest), config, configDigest: sha256(config), diffIds, blobs };
}

/** A tar with one file. */
export function tarOf(name: string, content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("14700000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)]);
}

function configBytes(diffIds: readonly string[], architecture: string): Uint8Array {
  const config = {
    created: "2024-01-02T03:04:05Z",
    architecture,
    os: "linux",
    config: { Env: ["PATH=/usr/bin:/bin"], Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: diffIds },
    history: diffIds.map((_, index) => ({ created: "2024-01-02T03:04:05Z", created_by: `layer ${index}` })),
  };
  return new TextEncoder().encode(JSON.stringify(config));
}

function randomBytes(size: number, random: () => number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = random() & 0xff;
  return bytes;
}

/** xorshift32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
