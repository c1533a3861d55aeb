import type { HistoryEntry, ImageConfig } from "./image-config.ts";

/** Manifest types that an image can be committed in. */
export type ImageFormat = "oci" | "docker";

export const MEDIA_TYPES = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar",
  },
} as const;

/** The version of the original whose records, labels and outputs these are. */
export const BUILDAH_VERSION = "1.43.2";

/** Name of the working container's record in the container's directory. */
export const RECORD_FILE = "buildah.json";

/** A container that an image is made in: a base image's files and config, and what was changed of them. */
export interface WorkingContainer {
  /** Id of the container in the store. */
  readonly id: string;
  readonly name: string;
  /** Name of the base image with its tag; empty for scratch. */
  readonly fromImage: string;
  readonly fromImageId: string;
  /** Manifest digest of the base image. */
  readonly fromImageDigest: string;
  /** Layer that the container's own stands on; empty for scratch. */
  readonly topLayer: string;
  readonly config: ImageConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly format: ImageFormat;
  /** History entries of steps that made no layer of their own, before and after the container's layer. */
  readonly historyBefore: readonly HistoryEntry[];
  readonly historyAfter: readonly HistoryEntry[];
  /** For the history entry of the container's layer. */
  readonly createdBy: string;
  readonly historyComment: string;
  readonly mountLabel: string;
  readonly processLabel: string;
  /** Capabilities with CAP_ that `run` gives. */
  readonly capabilities: readonly string[];
  readonly isolation: Isolation;
  /** `-v` of `from`, for every `run`. */
  readonly volumes: readonly string[];
  /** `host`, `none`, or undefined for the default. */
  readonly network?: string;
  /** The config and manifest blobs of the base image, for `inspect`. */
  readonly imageConfigText: string;
  readonly imageManifestText: string;
}

/** How RUN is kept apart from the host. */
export type Isolation = "oci" | "rootless" | "chroot";
