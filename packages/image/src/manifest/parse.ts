import { ToolError } from "@containers/common/errors/tool-error";
import { guessMediaType } from "./guess-media-type.ts";
import type { Descriptor, ImageManifest, ManifestList, Platform } from "./manifest.ts";
import { DOCKER_LIST, DOCKER_MANIFEST, isListType, isSchema1, OCI_INDEX, OCI_MANIFEST } from "./media-types.ts";
import { imageConfigShape, imageManifestShape, manifestListShape, type WireDescriptor, type WireImageConfig } from "./schemas.ts";
import { type Shape, ShapeError } from "./shape.ts";

/** Largest manifest and config that are taken from anybody; as the original tools. */
export const MAX_MANIFEST_BYTES = 4 << 20;
export const MAX_CONFIG_BYTES = 32 << 20;

/**
 * Parses the bytes of a manifest or list. `mediaType` is what the place says ("" to have it guessed).
 * Throws corrupt for what is malformed, unsupported for schema 1 and unknown types.
 */
export function parseManifest(bytes: Uint8Array, mediaType = ""): ImageManifest | ManifestList {
  const type = mediaType === "" ? guessMediaType(bytes) : mediaType;
  if (isListType(type)) return parseManifestList(bytes, type);
  if (type === OCI_MANIFEST || type === DOCKER_MANIFEST) return parseImageManifest(bytes, type);
  if (isSchema1(type)) {
    throw new ToolError("unsupported", "docker schema 1 manifests cannot be used here", {
      hint: "copy the image with --format v2s2 first",
    });
  }
  throw new ToolError(
    "unsupported",
    type === "" ? "the data is not an image manifest" : `unsupported manifest media type ${JSON.stringify(type)}`,
  );
}

export function parseImageManifest(bytes: Uint8Array, mediaType = OCI_MANIFEST): ImageManifest {
  const wire = parseJson(bytes, imageManifestShape, "image manifest");
  if ("manifests" in wire) throw new ToolError("corrupt", "ambiguous manifest: it is an image and a list at once");
  return {
    kind: "image",
    mediaType: mediaType === DOCKER_MANIFEST ? DOCKER_MANIFEST : OCI_MANIFEST,
    config: toDescriptor(wire.config),
    layers: (wire.layers ?? []).map(toDescriptor),
    artifactType: wire.artifactType,
    subject: wire.subject ? toDescriptor(wire.subject) : undefined,
    annotations: wire.annotations ?? undefined,
    namesMediaType: wire.mediaType !== undefined,
  };
}

export function parseManifestList(bytes: Uint8Array, mediaType = OCI_INDEX): ManifestList {
  const wire = parseJson(bytes, manifestListShape, "manifest list");
  if ("config" in wire || "layers" in wire) throw new ToolError("corrupt", "ambiguous manifest: it is an image and a list at once");
  return {
    kind: "list",
    mediaType: mediaType === DOCKER_LIST ? DOCKER_LIST : OCI_INDEX,
    manifests: (wire.manifests ?? []).map(toDescriptor),
    artifactType: wire.artifactType,
    subject: wire.subject ? toDescriptor(wire.subject) : undefined,
    annotations: wire.annotations ?? undefined,
    namesMediaType: wire.mediaType !== undefined,
  };
}

/** The config blob, checked as far as copying relies on it. */
export function parseImageConfig(bytes: Uint8Array): WireImageConfig {
  return parseJson(bytes, imageConfigShape, "image config");
}

function parseJson<T>(bytes: Uint8Array, shape: Shape<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ToolError("corrupt", `parsing ${what}`, { cause: error });
  }
  try {
    return shape(value, "");
  } catch (error) {
    throw error instanceof ShapeError ? new ToolError("corrupt", `parsing ${what}: ${error.message}`) : error;
  }
}

function toDescriptor(wire: WireDescriptor): Descriptor {
  return {
    mediaType: wire.mediaType,
    digest: wire.digest,
    size: wire.size,
    ...(wire.urls && wire.urls.length > 0 ? { urls: wire.urls } : {}),
    ...(wire.annotations ? { annotations: wire.annotations } : {}),
    ...(wire.data ? { data: wire.data } : {}),
    ...(wire.platform ? { platform: toPlatform(wire.platform) } : {}),
    ...(wire.artifactType === undefined ? {} : { artifactType: wire.artifactType }),
  };
}

function toPlatform(wire: NonNullable<WireDescriptor["platform"]>): Platform {
  return {
    os: wire.os,
    architecture: wire.architecture,
    ...(wire.variant === undefined || wire.variant === "" ? {} : { variant: wire.variant }),
    ...(wire["os.version"] ? { osVersion: wire["os.version"] } : {}),
    ...(wire["os.features"] && wire["os.features"].length > 0 ? { osFeatures: wire["os.features"] } : {}),
  };
}
