import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { decryptedType, ENCRYPTED_SUFFIX, isEncrypted } from "../encryption/layer-crypt.ts";
import { convertConfigToOci } from "./convert-config.ts";
import { buildDockerManifest } from "./docker-schema2.ts";
import type { Descriptor, ImageManifest } from "./manifest.ts";
import {
  DOCKER_CONFIG,
  DOCKER_FOREIGN_LAYER,
  DOCKER_FOREIGN_LAYER_GZIP,
  DOCKER_LAYER,
  DOCKER_LAYER_GZIP,
  DOCKER_LAYER_ZSTD,
  DOCKER_MANIFEST,
  isDockerType,
  OCI_CONFIG,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_NONDISTRIBUTABLE,
  OCI_LAYER_ZSTD,
  OCI_MANIFEST,
} from "./media-types.ts";
import { buildOciManifest } from "./oci.ts";

/** The manifest's bytes in its own format. */
export function buildImageManifest(manifest: ImageManifest): Uint8Array {
  return manifest.mediaType === DOCKER_MANIFEST ? buildDockerManifest(manifest) : buildOciManifest(manifest);
}

export interface ConvertedImage {
  readonly manifest: ImageManifest;
  /** The config that the manifest now names: the same bytes, unless the formats differ in it. */
  readonly config: Uint8Array;
}

/**
 * The image in the wanted format. Docker to OCI rewrites the config too (OCI lacks some of its fields), so the image id changes, as
 * with the original. Throws unsupported for what the wanted format cannot say.
 */
export function convertImage(manifest: ImageManifest, config: Uint8Array, mediaType: string): ConvertedImage {
  if (manifest.mediaType === mediaType) return { manifest, config };
  if (mediaType === OCI_MANIFEST) return dockerToOci(manifest, config);
  if (mediaType === DOCKER_MANIFEST) return ociToDocker(manifest, config);
  throw new ToolError("unsupported", `cannot convert an image to ${JSON.stringify(mediaType)}`);
}

/** The layer's media type in the other family. Throws unsupported where there is none. */
export function convertLayerType(mediaType: string, target: string): string {
  const toOci = target === OCI_MANIFEST;
  if (isEncrypted(mediaType)) {
    if (toOci) return convertLayerType(decryptedType(mediaType), target) + ENCRYPTED_SUFFIX;
    throw new ToolError("unsupported", `encrypted layers (${JSON.stringify(mediaType)}) are not supported in docker images`);
  }
  if (isDockerType(mediaType) !== toOci) return mediaType;
  const converted = toOci ? TO_OCI[mediaType] : TO_DOCKER[mediaType];
  if (converted !== undefined) return converted;
  if (mediaType === OCI_LAYER_ZSTD) throw new ToolError("unsupported", "zstd-compressed layers are not supported in docker images");
  throw new ToolError(
    "unsupported",
    `layers of type ${JSON.stringify(mediaType)} cannot be part of an image of type ${JSON.stringify(target)}`,
  );
}

const TO_OCI: Readonly<Record<string, string>> = {
  [DOCKER_LAYER]: OCI_LAYER,
  [DOCKER_LAYER_GZIP]: OCI_LAYER_GZIP,
  [DOCKER_LAYER_ZSTD]: OCI_LAYER_ZSTD,
  [DOCKER_FOREIGN_LAYER]: OCI_LAYER_NONDISTRIBUTABLE,
  [DOCKER_FOREIGN_LAYER_GZIP]: `${OCI_LAYER_NONDISTRIBUTABLE}+gzip`,
};

const TO_DOCKER: Readonly<Record<string, string>> = {
  [OCI_LAYER]: DOCKER_LAYER,
  [OCI_LAYER_GZIP]: DOCKER_LAYER_GZIP,
  [OCI_LAYER_NONDISTRIBUTABLE]: DOCKER_FOREIGN_LAYER,
  [`${OCI_LAYER_NONDISTRIBUTABLE}+gzip`]: DOCKER_FOREIGN_LAYER_GZIP,
};

function dockerToOci(manifest: ImageManifest, config: Uint8Array): ConvertedImage {
  const ociConfig = convertConfigToOci(config);
  return {
    config: ociConfig,
    manifest: {
      kind: "image",
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest: sha256(ociConfig), size: ociConfig.length },
      layers: manifest.layers.map((layer) => convertLayer(layer, OCI_MANIFEST)),
      namesMediaType: true,
    },
  };
}

function ociToDocker(manifest: ImageManifest, config: Uint8Array): ConvertedImage {
  if (manifest.config.mediaType !== OCI_CONFIG) {
    throw new ToolError(
      "unsupported",
      `an artifact with a config of type ${JSON.stringify(manifest.config.mediaType)} cannot become a docker image`,
    );
  }
  return {
    config,
    manifest: {
      kind: "image",
      mediaType: DOCKER_MANIFEST,
      config: { mediaType: DOCKER_CONFIG, digest: manifest.config.digest, size: manifest.config.size },
      layers: manifest.layers.map((layer) => convertLayer(layer, DOCKER_MANIFEST)),
      namesMediaType: true,
    },
  };
}

function convertLayer(layer: Descriptor, target: string): Descriptor {
  return {
    mediaType: convertLayerType(layer.mediaType, target),
    digest: layer.digest,
    size: layer.size,
    ...(layer.urls === undefined ? {} : { urls: layer.urls }),
    // Docker's descriptors have no annotations; those of encryption come with the copy.
    ...(layer.annotations === undefined || target !== OCI_MANIFEST ? {} : { annotations: layer.annotations }),
  };
}
