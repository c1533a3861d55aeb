import { goJsonBytes, sortKeys } from "./go-json.ts";
import type { Descriptor, ImageManifest, Platform } from "./manifest.ts";
import { OCI_MANIFEST } from "./media-types.ts";

/** The bytes of an OCI image manifest, with fields in the order that the original tools write them. */
export function buildOciManifest(
  manifest: Pick<ImageManifest, "config" | "layers" | "artifactType" | "subject" | "annotations" | "namesMediaType">,
): Uint8Array {
  return goJsonBytes({
    schemaVersion: 2,
    mediaType: manifest.namesMediaType ? OCI_MANIFEST : undefined,
    artifactType: manifest.artifactType,
    config: ociDescriptor(manifest.config),
    layers: manifest.layers.map(ociDescriptor),
    subject: manifest.subject === undefined ? undefined : ociDescriptor(manifest.subject),
    annotations: manifest.annotations === undefined ? undefined : sortKeys(manifest.annotations),
  });
}

/** A descriptor as OCI JSON. */
export function ociDescriptor(descriptor: Descriptor): Record<string, unknown> {
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    urls: descriptor.urls,
    annotations: descriptor.annotations === undefined ? undefined : sortKeys(descriptor.annotations),
    data: descriptor.data,
    platform: descriptor.platform === undefined ? undefined : platformJson(descriptor.platform),
    artifactType: descriptor.artifactType,
  };
}

/** A platform as both formats write it. */
export function platformJson(platform: Platform): Record<string, unknown> {
  return {
    architecture: platform.architecture,
    os: platform.os,
    "os.version": platform.osVersion,
    "os.features": platform.osFeatures,
    variant: platform.variant,
  };
}
