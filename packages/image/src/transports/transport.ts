import type { NamedReference } from "../reference/reference.ts";

/** A stream of bytes; whoever reads it to the end or calls `return()` releases what is behind it. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A kind of place where images live: `docker`, `oci`, `dir`, … */
export interface ImageTransport {
  readonly name: string;
  /** Parses what follows `name:`; throws invalid-argument. Pure. `format(parse(x))` gives an equivalent text. */
  parse(rest: string): ImageReference;
}

/** One image in one place, by name. Making it touches nothing. */
export interface ImageReference {
  readonly transport: string;
  /** What follows `transport:`. */
  readonly withinTransport: string;
  /** The registry-style name, where the place has one. */
  readonly dockerReference?: NamedReference;
  /** Scope for policy.json, most specific first; empty means only the transport's default applies. */
  readonly policyScopes: readonly string[];
  openSource(context: ImageContext): Promise<ImageSource>;
  openDestination(context: ImageContext): Promise<ImageDestination>;
  /** Deletes the image from the place; unsupported where it cannot. */
  delete(context: ImageContext): Promise<void>;
}

/** What opening a reference may need, grouped by subject; each transport reads only its own group. */
export interface ImageContext {
  readonly signal?: AbortSignal;
  readonly registry?: RegistryAccess;
  /** For docker-daemon. */
  readonly dockerDaemon?: DaemonAccess;
  readonly platform?: PlatformChoice;
  /** For containers-storage. */
  readonly store?: import("@containers/storage/store").Store;
  /** For oci: where the blobs of several layouts are. */
  readonly sharedBlobDirectory?: string;
  /** Directory for large temporary files; default $TMPDIR or /var/tmp. */
  readonly temporaryDirectory?: string;
}

export interface RegistryAccess {
  /** undefined: as registries.conf says; true: certificates must verify; false: unverified and plain http are tried. */
  readonly tlsVerify?: boolean;
  /** Directory with ca.crt, client.cert, client.key; in addition to certs.d. */
  readonly certDir?: string;
  readonly authFile?: string;
  /** Wins over any file. */
  readonly credentials?: { readonly username: string; readonly password: string; readonly identityToken?: string };
  /** Sent as it is; replaces the exchange with the registry's token server. */
  readonly bearerToken?: string;
  readonly anonymous?: boolean;
  readonly registriesConfPath?: string;
  readonly registriesConfDir?: string;
  /** The file of remembered short names; the user's or the system's own unless named. */
  readonly shortNameAliasesPath?: string;
  readonly registriesDir?: string;
  readonly userAgent?: string;
}

export interface DaemonAccess {
  /** `unix://PATH`, `tcp://`, `http://` or `https://HOST:PORT`; default `unix:///var/run/docker.sock`. */
  readonly host?: string | undefined;
  /** Directory with ca.pem, cert.pem, key.pem. */
  readonly certDir?: string | undefined;
  /** False accepts any certificate. */
  readonly tlsVerify?: boolean | undefined;
}

export interface PlatformChoice {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** A blob, as a manifest names it. */
export interface BlobInfo {
  readonly digest: string;
  /** Bytes; -1 when not known. */
  readonly size: number;
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly urls?: readonly string[];
}

export interface RawManifest {
  /** Exactly the bytes that were stored: their hash is the digest. */
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

export interface ReadBlobOptions {
  /** Each piece is used before the next is asked for: the source may read them all into the same memory. */
  readonly borrowed?: boolean;
  /** The caller compares the digest (and asks {@link ImageSource.findDamage} when it differs), so that the source need not check the parts. */
  readonly wholeIsVerified?: boolean;
}

/** Reads an image. Not safe for use after {@link close}. */
export interface ImageSource {
  readonly reference: ImageReference;
  /** The manifest; with `instance`, the one that a list names by this digest (then the source has verified it). */
  manifest(instance?: string): Promise<RawManifest>;
  /** The blob's bytes, unverified: the caller checks digest and size. Size -1 when unknown. */
  blob(info: BlobInfo, options?: ReadBlobOptions): Promise<{ readonly stream: ByteStream; readonly size: number }>;
  /** What is wrong with a blob whose digest or size differs, in sources that put blobs together from parts. */
  findDamage?(info: BlobInfo): Promise<unknown>;
  /**
   * Bytes of parts of a blob, in their order, one after the other. Absent where parts cost as much as the whole. Throws `unsupported` with the code
   * `no-ranges` where the place turns out to give none.
   */
  blobRanges?(info: BlobInfo, ranges: ReadonlyArray<{ readonly offset: number; readonly length: number }>): ByteStream;
  /** Signatures of the image or instance. */
  signatures(instance?: string): Promise<readonly Uint8Array[]>;
  /**
   * Layer infos to use instead of the manifest's (containers-storage: layers stand uncompressed);
   * undefined when the manifest's own serve.
   */
  layerInfosForCopy?(instance?: string): Promise<readonly BlobInfo[] | undefined>;
  /**
   * Blobs known to hold the same layer compressed (by us or by where it came from): worth looking for at a destination before a layer
   * is compressed anew.
   */
  compressedVariants?(info: BlobInfo): Promise<readonly BlobInfo[]>;
  /** All tags of the repository. Absent where there are none, and where the image came from another place than its name says. */
  tags?(): Promise<readonly string[]>;
  /** Whether several blobs may be read at once. */
  readonly parallelBlobs: boolean;
  close(): Promise<void>;
}

export type LayerCompression = "preserve" | "compress" | "decompress";

/**
 * Writes an image, in this order: blobs, then manifest(s), signatures, commit. Nothing is visible in the place before
 * commit, where the place can do that. The *caller* verifies what it passes in; the destination computes what it is not told.
 */
export interface ImageDestination {
  readonly reference: ImageReference;
  /** Manifest media types it takes, best first; empty means any. */
  readonly supportedManifestTypes: readonly string[];
  readonly layerCompression: LayerCompression;
  readonly parallelBlobs: boolean;
  /** Whether it can hold a manifest list and its instances. */
  readonly acceptsLists: boolean;
  /** True where layers that a manifest names by URLs may stay there; elsewhere they are fetched. */
  readonly acceptsForeignLayers?: boolean;
  /** True when the manifest must not be changed (a digested reference). */
  readonly mustKeepManifest?: boolean;
  /** Why signatures cannot be kept here; absent where they can. */
  readonly refusesSignatures?: string;
  /** Only one platform's image fits here, and it must match the machine (containers-storage). */
  readonly mustMatchRuntimePlatform?: boolean;
  /** True when {@link putBlob} itself verifies `info.digest` and `info.size` before the image can become visible. */
  readonly verifiesBlobs?: boolean;
  /** True when {@link putBlob} is done with each piece of its stream before it asks for the next. */
  readonly takesBorrowed?: boolean;
  /**
   * Tells all layers, base first, before any is put: places that stack them (containers-storage) need to know what lies below. A diff id is
   * undefined when the config does not tell it. With this method present, every layer index is put or reused, also repeated ones.
   */
  prepareLayers?(layers: ReadonlyArray<{ readonly digest: string; readonly diffId?: string }>): void;
  /** Stores a blob. `info.digest` may be "" when not known yet; the result says what was stored. */
  putBlob(stream: ByteStream, info: BlobInfo, options: PutBlobOptions): Promise<BlobInfo>;
  /**
   * Stores a layer of which only the missing parts are read; undefined when the layer has to be put as a whole, which is so for layers without
   * a table of contents, and wherever `read` cannot give parts.
   */
  putPartialBlob?(
    info: BlobInfo,
    read: (ranges: ReadonlyArray<{ readonly offset: number; readonly length: number }>) => ByteStream,
    options: PutBlobOptions,
  ): Promise<{ readonly blob: BlobInfo; readonly fetched: number } | undefined>;
  /** A blob already there (or that can be mounted there from elsewhere): its info, else undefined. */
  tryReuseBlob(info: BlobInfo, options: PutBlobOptions): Promise<BlobInfo | undefined>;
  putManifest(bytes: Uint8Array, mediaType: string, instance?: string): Promise<void>;
  putSignatures(signatures: readonly Uint8Array[], instance?: string): Promise<void>;
  /** Makes the image visible. `toplevel` is the manifest as the source has it, before any choice of instance. */
  commit(toplevel: RawManifest): Promise<void>;
  /** Drops what was not committed. */
  close(): Promise<void>;
}

export interface PutBlobOptions {
  readonly isConfig: boolean;
  /** Index among the layers, for places that keep them in order (containers-storage). */
  readonly layerIndex?: number;
  /** Diff id of the layer when the config is known already. */
  readonly diffId?: string;
  /** Where else the blob may be: a registry name for cross-repository mount. */
  readonly sourceReference?: NamedReference;
  /** More repositories that are known to have held the blob, likeliest first. */
  readonly knownRepositories?: readonly NamedReference[];
  readonly emptyLayer?: boolean;
}
