import type { FileTwins } from "../archive/file-twins.ts";
import type { TarSink } from "../archive/tar-entry.ts";
import type { TempDir } from "../staging/temp-dirs.ts";
import type { ByteStream, IdMappings, LayerChange } from "../store.ts";

/**
 * What keeps layers' files. A driver knows nothing of records, names or locks: its callers hold the layer lock for every
 * call that changes something, and use each id for one layer at a time.
 */
export interface StorageDriver {
  /** `overlay` or `vfs`; also the prefix of the store's directories. */
  readonly name: string;
  /** Makes an empty layer on `parent`. What a killed process left under the same id is removed first. */
  create(id: string, options: DriverCreateOptions): void;
  /** Makes the mount point's content available and returns the mount point; mounting twice without unmounting is the caller's mistake. */
  mount(id: string, options: DriverMountOptions): string;
  /** Undoes {@link mount}; a layer that is not mounted is no error. */
  unmount(id: string): void;
  /** Files may have other owners than their archives said. */
  readonly ignoresOwners?: boolean;
  /** Whether {@link mount} can show the lower layers with owners shifted by these maps. */
  canShift?(mappings: IdMappings): boolean;
  /** The layer below, as the files have it, where they do. */
  parentOf?(id: string): string | undefined;
  /** What `info` shows of the driver, in containers/storage's words; nothing unless there. */
  status?(): Readonly<Record<string, string>>;
  /** Called before {@link mount}, under the store's lock. */
  prepareMounts?(): void;
  /** True when something is mounted at the mount point now. */
  isMounted(mountPoint: string): boolean;
  /** Moves all of a layer into `bin`, whose owner deletes it when no lock is held any more; a missing layer is no error. */
  discard(id: string, bin: TempDir): void;
  exists(id: string): boolean;
  /** Ids of all layers that have files here, listed or not; those of additional stores are not among them. */
  list(): string[];
  /** Directory for {@link TempDir}s on the same file system as the layers. */
  readonly tempRoot: string;
  /** Other directories in which a killed process may have left some. */
  readonly moreTempRoots?: readonly string[];
  /** Begins a layer out of an archive inside `bin`. Needs no lock: only {@link adopt} makes it a layer. */
  stage(bin: TempDir, options: DriverStageOptions): StagedFiles;
  /** Makes what was staged in `bin` the layer `id` on `parent`. */
  adopt(id: string, bin: TempDir, options: DriverCreateOptions): void;
  /** Directory with the layer's own files. */
  diffPath(id: string): string;
  /** Directories to look for a file of the layer's archive in, nearest first. */
  contentPaths(id: string): readonly string[];
  /** The layer against `parent` as an archive; undefined when the driver must be asked by mounting both. */
  diff(id: string, parent: string | undefined, options: DriverDiffOptions): ByteStream | undefined;
  /** The layer's changes against `parent`; undefined when the driver must be asked by mounting both. */
  changes(id: string, parent: string | undefined): readonly LayerChange[] | undefined;
}

export interface DriverCreateOptions {
  readonly parent: string | undefined;
  readonly idMappings?: IdMappings;
  /** The parent's files have the host's ids for {@link idMappings} on disk already. */
  readonly parentIsShifted?: boolean;
  /** Options of this one layer, `size` and `inodes`: limits where the file system has project quotas. */
  readonly storageOptions?: Readonly<Record<string, string>> | undefined;
}

export interface DriverMountOptions {
  readonly readOnly?: boolean;
  readonly mountLabel?: string;
  /** Replaces the configured mount options. */
  readonly options?: readonly string[];
  readonly volatile?: boolean;
  /** Shifts the lower layers' owners by these maps. */
  readonly idMappings?: IdMappings;
}

export interface DriverStageOptions {
  readonly idMappings?: IdMappings;
  /** Files elsewhere in the store with the contents of files of the archive. */
  readonly twins?: FileTwins;
}

export interface DriverDiffOptions {
  readonly idMappings?: IdMappings;
}

/** The files of a layer in the making. */
export interface StagedFiles extends TarSink {
  /** All entries were given; completes what had to wait for the last one. */
  finish(): void;
  /** Gives back descriptors, whether finished or not. */
  close(): void;
}
