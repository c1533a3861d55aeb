import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { fileSystemName } from "@containers/common/fs/file-system-name";
import type { Sys } from "@containers/common/sys/sys";
import { inUserNamespace, isIdentity } from "../../id-shift/id-mapping.ts";
import { createTempDir, type TempDir } from "../../staging/temp-dirs.ts";
import type { ByteStream, IdMappings, LayerChange } from "../../store.ts";
import type {
  DriverCreateOptions,
  DriverDiffOptions,
  DriverMountOptions,
  DriverStageOptions,
  StagedFiles,
  StorageDriver,
} from "../driver.ts";
import { lowerLayers, lowerLinks, prepareLayerDirectory } from "./layer-directory.ts";
import { limitLayer, requireLimits } from "./layer-limits.ts";
import { bindPrivate, makePrivate, mountOverlay, unmountAll, unmountOverlay } from "./mount-layer.ts";
import type { OverlayOptions } from "./overlay-options.ts";
import { createLink, LINK_DIRECTORY, linkNameOf, readText, restoreLinks } from "./short-links.ts";

/** Directory, inside a temporary directory, of the layer in the making. */
const STAGED = "layer";
const MAXIMUM_DEPTH = 500;
const SAMPLE_MAP = [{ containerId: 0, hostId: 1, size: 1 }] as const;
const NOT_LAYERS: ReadonlySet<string> = new Set([LINK_DIRECTORY, "tempdirs", "staging"]);

/** Layers as directories stacked by the kernel's overlay file system, in containers/storage's layout. */
export class OverlayDriver implements StorageDriver {
  readonly name = "overlay";
  readonly tempRoot: string;
  readonly moreTempRoots: readonly string[];
  readonly #sys: Sys;
  readonly #home: string;
  /** Where images' layers are: another store's directory when images are kept apart from containers. */
  readonly #imageHome: string;
  readonly #runHome: string;
  readonly #options: OverlayOptions;
  readonly ignoresOwners: boolean;
  readonly homes: readonly string[];
  #userNamespace: boolean | undefined;

  /** `home` is `G/overlay`, `runHome` `R/overlay`, `imageHome` the image store's `overlay`, where there is one. */
  constructor(
    sys: Sys,
    places: { readonly home: string; readonly runHome: string; readonly imageHome?: string | undefined },
    options: OverlayOptions,
  ) {
    this.#sys = sys;
    this.#home = places.home;
    this.#runHome = places.runHome;
    this.#options = options;
    this.ignoresOwners = options.ignoreChownErrors;
    this.#imageHome = places.imageHome ?? places.home;
    this.tempRoot = path.join(this.#imageHome, "tempdirs");
    this.moreTempRoots = places.imageHome === undefined ? [] : [path.join(places.home, "tempdirs")];
    requireLimits(sys, places.home, options.limits);
    this.homes = [...this.#ownHomes(), ...options.additionalStores.map((store) => path.join(store, "overlay"))];
  }

  create(id: string, options: DriverCreateOptions): void {
    const { forceMask, mountProgram } = this.#options;
    if (forceMask !== undefined && mountProgram === undefined)
      throw new ToolError("unsupported", "overlay: force_mask option for writeable layers is only supported with a mount_program");
    const directory = path.join(this.#home, id);
    this.#makeRoom(directory);
    fs.mkdirSync(directory, { mode: 0o700 });
    limitLayer(this.#sys, { home: this.#home, directory }, { options: options.storageOptions ?? {}, store: this.#options.limits });
    // A mount program shifts what is written as well: on disk are the owners that the container knows.
    const link = prepareLayerDirectory(directory, this, mountProgram === undefined ? options : { parent: options.parent, forceMask });
    createLink(this.#home, link, id);
  }

  stage(bin: TempDir, options: DriverStageOptions): StagedFiles {
    const diff = path.join(bin.path, STAGED, "diff");
    fs.mkdirSync(diff, { recursive: true, mode: 0o700 });
    const rootFd = fs.openSync(diff, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    const { LayerExtractor }: typeof import("../../archive/extract-entries.ts") = require("../../archive/extract-entries.ts");
    const extractor = new LayerExtractor({
      sys: this.#sys,
      rootFd,
      // Whoever needs a mount program may not make the kernel's deletion marks: those of the archive stay as they are, and it knows them.
      whiteouts: this.#options.mountProgram === undefined ? "overlay" : "none",
      forceMask: this.#options.forceMask,
      userNamespace: this.#inUserNamespace(),
      idMappings: options.idMappings,
      twins: options.twins,
      ignoreChownErrors: this.#options.ignoreChownErrors,
    });
    let open = true;
    return {
      raw: () => {},
      entry: (entry) => extractor.entry(entry),
      data: (bytes, position) => extractor.data(bytes, position),
      endEntry: () => extractor.endEntry(),
      finish: () => extractor.finish(),
      close: () => {
        if (!open) return;
        open = false;
        extractor.close();
        fs.closeSync(rootFd);
      },
    };
  }

  adopt(id: string, bin: TempDir, options: DriverCreateOptions): void {
    const directory = path.join(this.#imageHome, id);
    this.#makeRoom(directory);
    const staged = path.join(bin.path, STAGED);
    const { forceMask } = this.#options;
    const link = prepareLayerDirectory(staged, this, { ...options, parentIsShifted: true, forceMask });
    fs.renameSync(staged, directory);
    createLink(this.#imageHome, link, id);
  }

  mount(id: string, options: DriverMountOptions): string {
    const directory = this.directory(id);
    const additional = path.dirname(directory) !== this.#home;
    const target = additional ? path.join(this.#runHome, id, "merged") : path.join(directory, "merged");
    fs.mkdirSync(target, { recursive: true, mode: 0o700 });
    const configured = options.options === undefined || options.options.length === 0 ? this.#options.mountOptions : options.options;
    const mountOptions = [...configured].filter((option) => !(this.#inUserNamespace() && option === "metacopy=on"));
    const { mountProgram, forceMask } = this.#options;
    if (this.#inUserNamespace() && mountProgram === undefined) mountOptions.push("userxattr");
    const readOnly = additional || options.readOnly === true || mountOptions.includes("ro");
    if (options.volatile === true && mountProgram === undefined && !readOnly && !mountOptions.includes("volatile"))
      mountOptions.push("volatile");
    const lower = this.#lowerDirectories(directory);
    const diff = path.join(directory, "diff");
    const work = path.join(directory, "work");
    // The kernel marks a volatile work directory and refuses to use it a second time.
    if (!readOnly) fs.rmSync(path.join(work, "work", "incompat", "volatile"), { recursive: true, force: true });
    if (this.isMounted(target)) unmountAll(this.#sys, target);
    const below = lower.length === 0 ? [path.join(directory, "empty")] : lower;
    const request = (lowerDirectories: readonly string[]) => ({
      target,
      lower: readOnly ? [diff, ...lowerDirectories] : lowerDirectories,
      upper: readOnly ? undefined : { diff, work },
      options: mountOptions,
      mountLabel: options.mountLabel,
    });
    if (mountProgram !== undefined) {
      const { mountByProgram }: typeof import("./mount-program.ts") = require("./mount-program.ts");
      const idMappings = isIdentity(options.idMappings) ? undefined : options.idMappings;
      mountByProgram({ ...request(below), program: mountProgram, idMappings, forcedModes: forceMask !== undefined });
      return target;
    }
    const mount = (lowerDirectories: readonly string[]): void => mountOverlay(this.#sys, request(lowerDirectories));
    // The empty directory of a layer on nothing has no owners to shift, and is the new owner's already.
    if (isIdentity(options.idMappings) || options.idMappings === undefined || lower.length === 0) mount(below);
    else {
      const { withShiftedLowers }: typeof import("./shifted-lowers.ts") = require("./shifted-lowers.ts");
      const scratch = path.join(directory, "mapped");
      withShiftedLowers(this.#sys, { lower: below, homes: this.homes, mappings: options.idMappings, scratch }, mount);
    }
    return target;
  }

  unmount(id: string): void {
    const directory = this.directory(id);
    if (path.dirname(directory) === this.#home) {
      unmountOverlay(this.#sys, path.join(directory, "merged"));
      return;
    }
    unmountOverlay(this.#sys, path.join(this.#runHome, id, "merged"));
    fs.rmSync(path.join(this.#runHome, id), { recursive: true, force: true });
  }

  /**
   * Makes the driver's directory a mount of its own. Once bound it stays so: whoever bound it anew while a layer is mounted below would hide
   * that layer, which is why the store's lock is needed.
   */
  prepareMounts(): void {
    if (this.#options.skipMountHome || makePrivate(this.#sys, this.#home)) return;
    bindPrivate(this.#sys, this.#home);
  }

  parentOf(id: string): string | undefined {
    return lowerLayers(this.directory(id), this)[0];
  }

  status(): Readonly<Record<string, string>> {
    return {
      "Backing Filesystem": fileSystemName(this.#sys.statfs(this.#home).type),
      "Native Overlay Diff": String(!this.#diffNeedsMounts()),
      "Supports d_type": "true",
      "Supports shifting": String(this.canShift({ uidMap: SAMPLE_MAP, gidMap: SAMPLE_MAP })),
      "Supports volatile": "true",
      "Using metacopy": String(this.#options.mountOptions.includes("metacopy=on") && !this.#inUserNamespace()),
    };
  }

  /** Tried out: not every file system, kernel and user may mount with shifted owners. */
  canShift(mappings: IdMappings): boolean {
    if (this.#options.mountProgram !== undefined) return true;
    if (this.#inUserNamespace()) return false;
    const scratch = path.join(this.#home, `.shift-${process.pid}`);
    const { withShiftedLowers }: typeof import("./shifted-lowers.ts") = require("./shifted-lowers.ts");
    try {
      withShiftedLowers(this.#sys, { lower: [path.join(this.#home, LINK_DIRECTORY)], homes: this.homes, mappings, scratch }, () => {});
      return true;
    } catch {
      return false;
    }
  }

  isMounted(mountPoint: string): boolean {
    const here = fs.statSync(mountPoint, { throwIfNoEntry: false });
    const above = fs.statSync(path.dirname(mountPoint), { throwIfNoEntry: false });
    return here !== undefined && above !== undefined && here.dev !== above.dev;
  }

  discard(id: string, bin: TempDir): void {
    const home = this.#ownHomes().find((one) => fs.existsSync(path.join(one, id)));
    if (home === undefined) return;
    const directory = path.join(home, id);
    if (this.isMounted(path.join(directory, "merged"))) unmountOverlay(this.#sys, path.join(directory, "merged"));
    const link = linkNameOf(home, id);
    // What is to be deleted stays on its file system.
    const near = bin.path.startsWith(`${home}/`) ? bin : createTempDir(this.#sys, path.join(home, "tempdirs"));
    if (link !== undefined) near.take(path.join(home, LINK_DIRECTORY, link));
    near.take(directory);
    if (near !== bin) near.discard();
  }

  exists(id: string): boolean {
    return this.homes.some((home) => fs.existsSync(path.join(home, id)));
  }

  list(): string[] {
    return this.#ownHomes()
      .flatMap((home) => fs.readdirSync(home, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && /^[0-9a-f]{64}$/.test(entry.name) && !NOT_LAYERS.has(entry.name))
      .map((entry) => entry.name);
  }

  diffPath(id: string): string {
    return path.join(this.directory(id), "diff");
  }

  contentPaths(id: string): readonly string[] {
    const directory = this.directory(id);
    return [path.join(directory, "diff"), ...this.#lowerDirectories(directory)];
  }

  diff(id: string, parent: string | undefined, options: DriverDiffOptions): ByteStream | undefined {
    if (!this.#upperIsDifference(id, parent)) return undefined;
    const { diffUpper }: typeof import("./diff.ts") = require("./diff.ts");
    const [diff = "", ...lower] = this.contentPaths(id);
    return diffUpper(this.#sys, diff, { lower, userNamespace: this.#inUserNamespace(), idMappings: options.idMappings });
  }

  changes(id: string, parent: string | undefined): readonly LayerChange[] | undefined {
    if (!this.#upperIsDifference(id, parent)) return undefined;
    const { listUpperChanges }: typeof import("./changes.ts") = require("./changes.ts");
    const [diff = "", ...lower] = this.contentPaths(id);
    return listUpperChanges(this.#sys, diff, { lower, userNamespace: this.#inUserNamespace() });
  }

  /** The directory of a layer, here or in an additional store; throws `not-found`. */
  directory(id: string): string {
    for (const home of this.homes) {
      const directory = path.join(home, id);
      if (fs.existsSync(directory)) return directory;
    }
    throw new ToolError("not-found", `layer ${id} has no files in ${this.#home}`);
  }

  #lowerDirectories(directory: string): readonly string[] {
    const links = lowerLinks(directory);
    if (links.length > MAXIMUM_DEPTH) throw new ToolError("unsupported", `a layer on ${links.length} others is too deep to mount`);
    return links.map((link) => this.#lowerDirectory(link));
  }

  #lowerDirectory(link: string): string {
    for (const home of this.homes) {
      const lower = path.join(home, link);
      if (fs.existsSync(lower)) return lower;
    }
    for (const home of this.#ownHomes()) {
      restoreLinks(home);
      if (fs.existsSync(path.join(home, link))) return path.join(home, link);
    }
    const missing = path.join(this.#imageHome, link);
    throw new ToolError("corrupt", `${missing} does not exist`, { hint: "remove the image that uses it and pull it again" });
  }

  /** The directories that this store may change. */
  #ownHomes(): readonly string[] {
    return this.#imageHome === this.#home ? [this.#home] : [this.#home, this.#imageHome];
  }

  /** True when the layer's own directory holds exactly its difference to `parent`, whole files included. */
  #upperIsDifference(id: string, parent: string | undefined): boolean {
    return lowerLayers(this.directory(id), this)[0] === parent && !this.#diffNeedsMounts();
  }

  /** Whether a layer's own directory may hold less than whole files, or deletions that only a mount shows. */
  #diffNeedsMounts(): boolean {
    // A mount program marks deletions in ways of its own, and modes on disk may not be the real ones.
    if (this.#options.mountProgram !== undefined) return true;
    const risky = ["redirect_dir", "metacopy"].some((name) => (readText(`/sys/module/overlay/parameters/${name}`) ?? "N").startsWith("Y"));
    return risky || this.#options.mountOptions.some((option) => option === "metacopy=on" || option === "redirect_dir=on");
  }

  #makeRoom(directory: string): void {
    const link = readText(path.join(directory, "link"))?.trim();
    if (link !== undefined && /^[A-Z2-7]+$/.test(link)) fs.rmSync(path.join(this.#home, LINK_DIRECTORY, link), { force: true });
    fs.rmSync(directory, { recursive: true, force: true });
  }

  #inUserNamespace(): boolean {
    this.#userNamespace ??= inUserNamespace();
    return this.#userNamespace;
  }
}
