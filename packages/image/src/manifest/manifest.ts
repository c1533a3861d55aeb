/** The parts that OCI and Docker manifests share: plain data, as parsed; the bytes that were hashed are kept beside it. */

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

/** A manifest of one image. */
export interface ImageManifest {
  readonly kind: "image";
  /** OCI_MANIFEST or DOCKER_MANIFEST. */
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Base layer first. */
  readonly layers: readonly Descriptor[];
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether the JSON itself names its media type: OCI manifests need not. */
  readonly namesMediaType: boolean;
}

/** A manifest list or image index. */
export interface ManifestList {
  readonly kind: "list";
  /** OCI_INDEX or DOCKER_LIST. */
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namesMediaType: boolean;
}
