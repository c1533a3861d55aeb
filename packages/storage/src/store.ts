import type { ReadRanges } from "./chunked/open-chunked.ts";
import type { PartialLayer } from "./chunked/partial-layer.ts";

/**
 * An open containers/storage store: the three record stores and where they are. Records are plain data; every
 * list and look-up re-reads a JSON file only when its lock file's token says that another writer changed it.
 *
 * Locks (`storage.lock`, `layers.lock`, `images.lock`, `containers.lock`) are taken in exactly that order, held for the shortest time,
 * and released by the kernel when the holder dies.
 */
export interface Store {
  readonly graphRoot: string;
  readonly runRoot: string;
  /** `overlay` or `vfs`: the driver in use. */
  readonly driverName: string;
  /** Driver options as storage.conf has them (`overlay.mountopt=…`). */
  readonly driverOptions: readonly string[];
  /** What `info` shows of the driver, in containers/storage's words (`Backing Filesystem`). */
  driverStatus(): Readonly<Record<string, string>>;
  /** Graph root of the store that images and their layers are kept in, where that is another than {@link graphRoot}. */
  readonly imageStore?: string | undefined;
  /** Records of containers are kept below the run root. */
  readonly transientStore: boolean;
  /** `pull_options` of storage.conf and `--pull-option`. */
  readonly pullOptions: PullOptions;
  readonly layers: LayerStore;
  readonly images: ImageStore;
  readonly containers: ContainerStore;
  /**
   * Removes files that no record knows, as a power failure may leave them. Never needed after a kill, which leaves nothing that the
   * next process would not find; for `system prune` and `system check --repair`.
   */
  collectGarbage(): Garbage;
  /** Makes what can be made of damaged record files, for {@link check}, which cannot read them. Returns what was done, a sentence each. */
  salvage(): Promise<readonly string[]>;
  /** Makes a container's record again when its layer is still there; false when that cannot be. */
  recoverContainer(options: CreateContainerOptions & { readonly id: string }): Promise<boolean>;
  /** Looks for damage; reads every layer unless told to be quick. Changes nothing. */
  check(options?: StoreCheckOptions): Promise<StoreCheck>;
  /** Removes what a check has found, containers only when asked; returns what could not be removed. */
  repair(check: StoreCheck, options: { readonly containers: boolean }): Promise<readonly Error[]>;
}

/** How images are pulled. */
export interface PullOptions {
  /** Layers with a table of contents are fetched in parts: only what the store does not hold. */
  readonly enablePartialImages: boolean;
  /** Equal files of different layers become hard links. */
  readonly useHardLinks: boolean;
  /** Layers without a table of contents get one, so that later layers can share their files. */
  readonly convertImages: boolean;
}

export interface StoreCheckOptions {
  /** Do not read the layers' contents. */
  readonly quick?: boolean;
  /** Milliseconds that a layer may stand without an image or a container; default a day. */
  readonly unreferencedAge?: number;
}

/** What is wrong, in words, by id. */
export type Damages = Readonly<Record<string, readonly string[]>>;

export interface StoreCheck {
  readonly layers: Damages;
  readonly images: Damages;
  readonly containers: Damages;
  /** Of the layers: those that only the driver knows. */
  readonly unaccounted: readonly string[];
}

/** Ids of what {@link Store.collectGarbage} removed. */
export interface Garbage {
  readonly layers: readonly string[];
  readonly images: readonly string[];
  readonly containers: readonly string[];
}

/** A stream of bytes; whoever reads it to the end or calls `return()` releases what is behind it. */
export type ByteStream = AsyncIterable<Uint8Array>;

export interface IdMapping {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}

export interface IdMappings {
  readonly uidMap: readonly IdMapping[];
  readonly gidMap: readonly IdMapping[];
}

/** An entry of layers.json; a missing value is undefined, never empty. Dates are RFC 3339 as stored. */
export interface LayerRecord {
  readonly id: string;
  readonly names: readonly string[];
  readonly parent?: string;
  readonly metadata?: string;
  readonly mountLabel?: string;
  readonly created: string;
  /** Digest and size of the blob as it came, compressed or not. */
  readonly compressedDigest?: string;
  readonly compressedSize?: number;
  /** Diff ID: digest of the uncompressed tar. */
  readonly diffDigest?: string;
  readonly diffSize?: number;
  /** containers/storage's number: 0 uncompressed, 1 bzip2, 2 gzip, 3 xz, 4 zstd. */
  readonly compression?: number;
  /** Digest of the table of contents of a layer that was fetched in parts; with it the diff digest may be missing in layers of other tools. */
  readonly tocDigest?: string;
  /** Diff id that a config claims for a layer whose maker did not compute it: to be verified by whoever reads the layer's archive. */
  readonly claimedDiffId?: string;
  readonly bigDataNames: readonly string[];
  readonly uidMap?: readonly IdMapping[];
  readonly gidMap?: readonly IdMapping[];
  /** From a read-only additional store. */
  readonly readOnly: boolean;
}

export interface DiffOptions {
  /** The layer to compare with; by default the layer's own parent, "" for none. */
  readonly parent?: string;
  /** Each piece is used before the next is asked for: they may come in the same memory. */
  readonly borrowed?: boolean;
  /** The reader compares the digest of the whole: the sums of the files need not be taken too. */
  readonly wholeIsVerified?: boolean;
}

export interface LayerStore {
  list(): readonly LayerRecord[];
  /** By id or name; a unique id prefix is not enough. */
  get(idOrName: string): LayerRecord | undefined;
  findByDiffDigest(diffId: string): readonly LayerRecord[];
  findByCompressedDigest(digest: string): readonly LayerRecord[];
  /** An item attached to a layer, or undefined. */
  bigData(id: string, key: string): Uint8Array | undefined;
  /** Prepares a layer that is fetched in parts; see `chunked/partial-layer.ts`. Its archive goes to {@link stage}, with it as `origin`. */
  openPartial(blob: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly size: number;
    readonly read: ReadRanges;
  }): Promise<PartialLayer | undefined>;
  /** An empty writable layer on top of `parent` (for a container). */
  create(options: CreateLayerOptions): LayerRecord;
  /**
   * A layer out of a tar stream (compressed by gzip, zstd, xz, bzip2 or not: told from its bytes), extracted, hashed and given
   * tar-split data in one pass. Nothing is listed until all of it is on disk; a failure or kill leaves nothing.
   * `expectedDigest`/`expectedDiffId` are verified before the layer is committed.
   */
  put(options: PutLayerOptions, tar: ByteStream): Promise<LayerRecord>;
  /**
   * The first half of {@link put}: reads, verifies and unpacks the archive without needing the parent or a lock, so that an image's
   * layers can arrive side by side. The result goes to {@link putStaged}, in order from the base up, or is discarded.
   */
  stage(options: StageLayerOptions, tar: ByteStream): Promise<StagedLayer>;
  /** The second half of {@link put}; quick. Takes the staged files; the staged layer still is to be discarded afterwards. */
  putStaged(options: PutStagedOptions, staged: StagedLayer): LayerRecord;
  /** The layer's tar: byte for byte the one it came from where tar-split data exists, else made from the difference to `parent` (default: its own; empty: to nothing, that is all of its files). */
  diff(id: string, options?: DiffOptions): ByteStream;
  /** Paths added (A), changed (C) and deleted (D) against the parent. */
  changes(id: string, parent?: string): Promise<readonly LayerChange[]>;
  /** Mounts the layer (counted: each mount needs one unmount) and returns the mount point. Synchronous, so that it can precede anything that starts threads. */
  mount(id: string, options?: MountLayerOptions): string;
  /** Drops one mount count (`force`: all of them); true when the layer is not mounted any more. */
  unmount(id: string, force?: boolean): boolean;
  /** The mount point when mounted now. */
  mountPoint(id: string): string | undefined;
  /** The directory that holds the layer's own files (overlay `diff`), for size accounting. */
  diffPath(id: string): string;
  /** Bytes of the layer's own files. */
  diffSize(id: string): Promise<number>;
  setNames(id: string, names: readonly string[]): void;
  remove(id: string): void;
}

export interface CreateLayerOptions {
  readonly id?: string;
  readonly parent?: string;
  readonly names?: readonly string[];
  readonly mountLabel?: string;
  readonly idMappings?: IdMappings;
  /** Kept in volatile-layers.json and mounted with `volatile`: gone after a reboot. */
  readonly volatile?: boolean;
  /** `size` and `inodes`: limits where the file system has project quotas, instead of the driver's `overlay.size` and `overlay.inodes`. */
  readonly storageOptions?: Readonly<Record<string, string>>;
}

export interface PutLayerOptions extends StageLayerOptions, PutStagedOptions {}

export interface StageLayerOptions {
  /** Digest that the stream as it comes must have. */
  readonly expectedDigest?: string;
  /** Digest that the uncompressed stream must have. */
  readonly expectedDiffId?: string;
  /** Where the archive was put together from, instead of a blob of its own. */
  readonly origin?: PartialLayer;
  readonly idMappings?: IdMappings;
}

export interface PutStagedOptions {
  /** Default: containers/image's chain id (the diff id's hex for a base layer, else a hash over parent and diff id). */
  readonly id?: string;
  readonly parent?: string;
}

/** A layer that was unpacked but is not in the store yet. */
export interface StagedLayer {
  readonly compressedDigest: string;
  readonly compressedSize: number;
  readonly diffDigest: string;
  readonly diffSize: number;
  /** Deletes what is left of it; to be called in any case, and again without harm. */
  discard(): void;
}

export interface MountLayerOptions {
  readonly readOnly?: boolean;
  readonly mountLabel?: string;
  /** Replaces storage.conf's mount options. */
  readonly options?: readonly string[];
  readonly volatile?: boolean;
  /** Shows the files of the layers below with owners shifted by these maps (root only). */
  readonly idMappings?: IdMappings;
}

export interface LayerChange {
  readonly kind: "A" | "C" | "D";
  /** Absolute path inside the image. */
  readonly path: string;
}

/** An entry of images.json. */
export interface ImageRecord {
  /** Hex digest of the config. */
  readonly id: string;
  /** Digest of the manifest. */
  readonly digest?: string;
  readonly names: readonly string[];
  readonly namesHistory: readonly string[];
  /** Top layer; undefined for an image without layers and for manifest lists. */
  readonly layer?: string;
  readonly mappedLayers: readonly string[];
  readonly metadata?: string;
  readonly bigDataNames: readonly string[];
  readonly bigDataSizes: Readonly<Record<string, number>>;
  readonly bigDataDigests: Readonly<Record<string, string>>;
  readonly created: string;
  readonly readOnly: boolean;
}

export interface ImageStore {
  /** The store's own, then those of additional stores: an image that is in several is there several times. */
  list(): readonly ImageRecord[];
  /** By id, unique id prefix or exact name; the store's own before an additional store's. */
  get(idOrName: string): ImageRecord | undefined;
  /** Images whose manifest (any of its stored manifests) has this digest. */
  findByDigest(digest: string): readonly ImageRecord[];
  findByTopLayer(layerId: string): readonly ImageRecord[];
  /** Makes the record, with its big data, in one step; fails with already-exists when the id is there. Names taken from other images move here. */
  create(options: CreateImageOptions): ImageRecord;
  /** The item, or undefined. */
  bigData(id: string, key: string): Uint8Array | undefined;
  /** Whether the item of an image that was listed is still there: no lock is taken and nothing read. */
  hasBigData(image: Pick<ImageRecord, "id" | "readOnly">, key: string): boolean;
  setBigData(id: string, key: string, data: Uint8Array): void;
  /** Replaces all names; a name held by another image moves. */
  setNames(id: string, names: readonly string[]): void;
  addNames(id: string, names: readonly string[]): void;
  removeNames(id: string, names: readonly string[]): void;
  setMetadata(id: string, metadata: string): void;
  /**
   * Removes the record and then every layer that nothing else uses; returns the ids of the removed layers. Fails with in-use
   * when a container stands on the image.
   */
  remove(id: string): readonly string[];
}

export interface CreateImageOptions {
  readonly id: string;
  readonly names?: readonly string[];
  readonly layer?: string;
  readonly metadata?: string;
  readonly created?: Date;
  /** Manifest digest. */
  readonly digest?: string;
  readonly bigData?: ReadonlyArray<{ readonly key: string; readonly data: Uint8Array; readonly digest?: string }>;
}

/** An entry of containers.json or volatile-containers.json. */
export interface ContainerRecord {
  readonly id: string;
  readonly names: readonly string[];
  readonly image?: string;
  readonly layer: string;
  readonly metadata?: string;
  readonly created: string;
  readonly volatile: boolean;
  readonly bigDataNames: readonly string[];
  readonly uidMap?: readonly IdMapping[];
  readonly gidMap?: readonly IdMapping[];
  readonly mountLabel?: string;
  readonly processLabel?: string;
}

export interface ContainerStore {
  list(): readonly ContainerRecord[];
  /** By id, unique id prefix or name. */
  get(idOrName: string): ContainerRecord | undefined;
  /** Makes record and writable layer together; a kill in between leaves at most a layer that `gc` collects. */
  create(options: CreateContainerOptions): ContainerRecord;
  bigData(id: string, key: string): Uint8Array | undefined;
  setBigData(id: string, key: string, data: Uint8Array): void;
  setNames(id: string, names: readonly string[]): void;
  setMetadata(id: string, metadata: string): void;
  /** Mounts the container's layer and returns the mount point. */
  mount(id: string, mountLabel?: string): string;
  unmount(id: string, force?: boolean): boolean;
  /** `G/overlay-containers/ID/userdata`, made when missing. */
  directory(id: string): string;
  /** `R/overlay-containers/ID/userdata`, made when missing. */
  runDirectory(id: string): string;
  /** Removes record, directories and layer; unmounts first. Missing parts are no error. */
  remove(id: string): void;
}

export interface CreateContainerOptions {
  readonly id?: string;
  readonly names?: readonly string[];
  /** Image id; undefined for an empty root file system. */
  readonly image?: string;
  readonly metadata?: string;
  readonly volatile?: boolean;
  readonly idMappings?: IdMappings;
  readonly mountLabel?: string;
  readonly processLabel?: string;
  /** As a layer's: what the container itself may write. */
  readonly storageOptions?: Readonly<Record<string, string>>;
}
