import { goJsonBytes } from "./go-json.ts";
import type { Descriptor, ImageManifest } from "./manifest.ts";
import { DOCKER_MANIFEST } from "./media-types.ts";

/** The bytes of a Docker schema 2 manifest, with fields in the order that the original tools write them. */
export function buildDockerManifest(manifest: Pick<ImageManifest, "config" | "layers">): Uint8Array {
  return goJsonBytes({
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: dockerDescriptor(manifest.config),
    layers: manifest.layers.map(dockerDescriptor),
  });
}

function dockerDescriptor(descriptor: Descriptor): Record<string, unknown> {
  return { mediaType: descriptor.mediaType, size: descriptor.size, digest: descriptor.digest, urls: descriptor.urls };
}
