import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import { LayerExtractor } from "../../archive/extract-entries.ts";
import { TarReader } from "../../archive/read-tar.ts";
import type { TarEntry } from "../../archive/tar-entry.ts";
import { hostRoot, inUserNamespace, isIdentity } from "../../id-shift/id-mapping.ts";
import { createTempDir, type TempDir } from "../../staging/temp-dirs.ts";
import type { ByteStream, LayerChange } from "../../store.ts";
import type {
  DriverCreateOptions,
  DriverDiffOptions,
  DriverMountOptions,
  DriverStageOptions,
  StagedFiles,
  StorageDriver,
} from "../driver.ts";
import { naiveChanges, naiveDiff } from "../naive-diff.ts";
import { copyTree } from "./copy-tree.ts";
import type { VfsOptions } from "./vfs-options.ts";

/** The uncompressed archive, inside a temporary directory, until its parent is known. */
const SPOOLED = "layer.tar";
const STAGED = "layer";
const BLOCK = 1 << 20;
const ROOT_MODE = 0o555;

/** Layers as complete copies of their parents, in plain directories: slow and large, but possible everywhere. */
export class VfsDriver implements StorageDriver {
  readonly name = "vfs";
  readonly tempRoot: string;
  readonly moreTempRoots: readonly string[];
  readonly #sys: Sys;
  readonly #directory: string;
  /** Where layers of images are made: the image store's, where there is one. */
  readonly #imageDirectory: string;
  /** Every store's directory of layers, those that can be changed first. */
  readonly #directories: readonly string[];
  readonly ignoresOwners: boolean;

  /** `home` is `G/vfs`, `imageHome` the image store's `vfs`, where there is one. */
  constructor(sys: Sys, places: { readonly home: string; readonly imageHome?: string | undefined }, options: VfsOptions) {
    const { home, imageHome = home } = places;
    this.#sys = sys;
    this.#directory = path.join(home, "dir");
    this.#imageDirectory = path.join(imageHome, "dir");
    this.tempRoot = path.join(imageHome, "tempdirs");
    this.moreTempRoots = imageHome === home ? [] : [path.join(home, "tempdirs")];
    this.ignoresOwners = options.ignoreChownErrors;
    const additional = options.additionalStores.map((store) => path.join(store, "vfs", "dir"));
    this.#directories = [...new Set([this.#directory, this.#imageDirectory, ...additional])];
    for (const directory of [this.#directory, this.#imageDirectory]) fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  create(id: string, options: DriverCreateOptions): void {
    if (Object.keys(options.storageOptions ?? {}).length > 0)
      throw new ToolError("unsupported", "--storage-opt is not supported for vfs", { hint: "use the storage driver overlay on xfs" });
    this.#makeCopy(path.join(this.#directory, id), options);
  }

  stage(bin: TempDir, _options: DriverStageOptions): StagedFiles {
    const fd = fs.openSync(path.join(bin.path, SPOOLED), "wx", 0o600);
    const write = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
    };
    let sparse = false;
    let open = true;
    return {
      raw: write,
      entry: (entry: TarEntry) => {
        sparse = entry.sparse !== undefined;
      },
      data: (bytes) => {
        if (!sparse) write(bytes);
      },
      endEntry: () => {
        sparse = false;
      },
      finish: () => {},
      close: () => {
        if (open) fs.closeSync(fd);
        open = false;
      },
    };
  }

  adopt(id: string, bin: TempDir, options: DriverCreateOptions): void {
    const staged = path.join(bin.path, STAGED);
    this.#makeCopy(staged, options);
    this.#extract(path.join(bin.path, SPOOLED), staged, options);
    const directory = path.join(this.#imageDirectory, id);
    fs.rmSync(directory, { recursive: true, force: true });
    fs.renameSync(staged, directory);
  }

  mount(id: string, options: DriverMountOptions): string {
    if (!isIdentity(options.idMappings))
      throw new ToolError("unsupported", "mounting a layer with shifted ids is not supported by the vfs storage driver");
    return this.diffPath(id);
  }

  unmount(_id: string): void {}

  isMounted(mountPoint: string): boolean {
    return fs.existsSync(mountPoint);
  }

  discard(id: string, bin: TempDir): void {
    const home = this.#ownDirectories().find((directory) => fs.existsSync(path.join(directory, id)));
    if (home === undefined) return;
    // What is to be deleted stays on its file system.
    const tempRoot = path.join(home, "../tempdirs");
    const near = bin.path.startsWith(`${tempRoot}/`) ? bin : createTempDir(this.#sys, tempRoot);
    near.take(path.join(home, id));
    if (near !== bin) near.discard();
  }

  exists(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  list(): string[] {
    return this.#ownDirectories()
      .flatMap((directory) => fs.readdirSync(directory))
      .filter((name) => /^[0-9a-f]{64}$/.test(name));
  }

  diffPath(id: string): string {
    const directory = this.#find(id);
    if (directory === undefined) throw new ToolError("not-found", `layer ${id} has no files in ${this.#directory}`);
    return directory;
  }

  #ownDirectories(): readonly string[] {
    return this.#directory === this.#imageDirectory ? [this.#directory] : [this.#directory, this.#imageDirectory];
  }

  #find(id: string): string | undefined {
    return this.#directories.map((home) => path.join(home, id)).find((directory) => fs.existsSync(directory));
  }

  contentPaths(id: string): readonly string[] {
    return [this.diffPath(id)];
  }

  diff(id: string, parent: string | undefined, options: DriverDiffOptions): ByteStream {
    return naiveDiff(this.#sys, this.diffPath(id), {
      parent: parent === undefined ? undefined : this.diffPath(parent),
      idMappings: options.idMappings,
    });
  }

  changes(id: string, parent: string | undefined): readonly LayerChange[] {
    return naiveChanges(this.#sys, this.diffPath(id), parent === undefined ? undefined : this.diffPath(parent));
  }

  #makeCopy(target: string, options: DriverCreateOptions): void {
    fs.rmSync(target, { recursive: true, force: true });
    if (options.parent !== undefined) {
      copyTree(this.#sys, this.diffPath(options.parent), target);
      return;
    }
    const root = hostRoot(options.idMappings);
    fs.mkdirSync(target, { mode: 0o700 });
    fs.chownSync(target, root.uid, root.gid);
    fs.chmodSync(target, ROOT_MODE);
  }

  #extract(archive: string, target: string, options: DriverCreateOptions): void {
    const rootFd = fs.openSync(target, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    const archiveFd = fs.openSync(archive, "r");
    const extractor = new LayerExtractor({
      sys: this.#sys,
      rootFd,
      whiteouts: "remove",
      userNamespace: inUserNamespace(),
      idMappings: options.idMappings,
      ignoreChownErrors: this.ignoresOwners,
    });
    try {
      const reader = new TarReader(extractor);
      const buffer = Buffer.allocUnsafe(BLOCK);
      for (let length = fs.readSync(archiveFd, buffer); length > 0; length = fs.readSync(archiveFd, buffer))
        reader.push(buffer.subarray(0, length));
      reader.finish();
      extractor.finish();
    } finally {
      extractor.close();
      fs.closeSync(archiveFd);
      fs.closeSync(rootFd);
    }
  }
}
