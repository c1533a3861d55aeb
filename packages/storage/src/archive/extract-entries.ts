import fs from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_WRONLY,
  RESOLVE_BENEATH,
  S_IFBLK,
  S_IFCHR,
} from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { toHostId } from "../id-shift/id-mapping.ts";
import type { IdMappings } from "../store.ts";
import { DirectoryCache } from "./directory-cache.ts";
import { applyAttributes, applyTimes } from "./entry-metadata.ts";
import { extractionError } from "./extraction-error.ts";
import type { FileTwins } from "./file-twins.ts";
import { OVERRIDE_ATTRIBUTE, overrideText } from "./override-attribute.ts";
import { makeDevice, type TarEntry, type TarSink } from "./tar-entry.ts";
import { cleanTarName } from "./tar-names.ts";
import { OPAQUE_MARKER, overlayAttribute, WHITEOUT_PREFIX, type WhiteoutStyle } from "./whiteouts.ts";

export interface ExtractOptions {
  readonly sys: Sys;
  /** Descriptor of the directory that nothing may be written outside of; stays the caller's. */
  readonly rootFd: number;
  readonly whiteouts: WhiteoutStyle;
  /** Extracting inside a user namespace: devices are left out, and attributes that may not be set are passed over. */
  readonly userNamespace: boolean;
  readonly idMappings?: IdMappings;
  /** Files with equal contents, whose blocks can be shared. */
  readonly twins?: FileTwins;
  /** `overlay.force_mask`: files have this mode and the extracting user's ownership; the real ones go into an attribute, devices too. */
  readonly forceMask?: number | undefined;
  /** `overlay.ignore_chown_errors`: files whose owner cannot be set stay the user's. */
  readonly ignoreChownErrors?: boolean;
}

/**
 * Makes the files of a layer below a directory. Every name is resolved by the kernel below that directory
 * (openat2 with RESOLVE_IN_ROOT), parents once and then kept open, so that no link an archive brings can lead a later entry outside.
 */
export class LayerExtractor implements TarSink {
  readonly #options: ExtractOptions;
  readonly #sys: Sys;
  readonly #directories: DirectoryCache;
  /** Directories get their times at the end: making files in them changes those. */
  readonly #directoryTimes: Array<{ path: string; entry: TarEntry }> = [];
  /** Paths of this layer, which an opaque mark does not remove; only where deletions are carried out. */
  readonly #unpacked = new Set<string>();
  #file: { fd: number; entry: TarEntry; path: string; parent: number; name: string; shared: boolean } | undefined;

  constructor(options: ExtractOptions) {
    this.#options = options;
    this.#sys = options.sys;
    this.#directories = new DirectoryCache(options.sys, options.rootFd);
  }

  raw(): void {}

  entry(entry: TarEntry): void {
    if (entry.type === "global") return;
    const path = insidePath(entry.name);
    if (path === ".") return;
    try {
      this.#make(entry, path);
    } catch (error) {
      throw extractionError(entry.name, error);
    }
  }

  data(bytes: Uint8Array, position: number): void {
    const file = this.#file;
    if (file === undefined || file.shared) return;
    try {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(file.fd, bytes, at, bytes.length - at, position + at);
    } catch (error) {
      throw extractionError(file.entry.name, error);
    }
  }

  endEntry(): void {
    const file = this.#file;
    if (file === undefined) return;
    try {
      if (file.entry.sparse !== undefined) fs.ftruncateSync(file.fd, file.entry.size);
      this.#own(file.parent, file.name, file.entry);
      fs.fchmodSync(file.fd, this.#options.forceMask ?? file.entry.mode);
      this.#finishMetadata(file.parent, file.name, file.entry);
    } catch (error) {
      throw extractionError(file.entry.name, error);
    } finally {
      this.#file = undefined;
      fs.closeSync(file.fd);
    }
  }

  /** Sets the directories' times; to be called once, after the last entry. */
  finish(): void {
    for (const { path, entry } of this.#directoryTimes.reverse()) {
      try {
        applyTimes(this.#sys, this.#directories.parentOf(path), baseName(path), entry);
      } catch (error) {
        // Something later in the archive may have replaced the directory.
        if (errnoCode(error) !== "ENOENT" && errnoCode(error) !== "ENOTDIR") throw extractionError(entry.name, error);
      }
    }
    this.close();
  }

  /** Gives back all descriptors; the extractor cannot be used any more. */
  close(): void {
    if (this.#file !== undefined) fs.closeSync(this.#file.fd);
    this.#file = undefined;
    this.#directories.close();
  }

  #make(entry: TarEntry, path: string): void {
    const name = baseName(path);
    if (this.#options.whiteouts !== "none" && name.startsWith(WHITEOUT_PREFIX)) {
      this.#whiteout(entry, path, name);
      return;
    }
    const parent = this.#directories.parentOf(path, true);
    if (this.#options.whiteouts === "remove") this.#unpacked.add(path);
    if (entry.type === "file" || (this.#options.forceMask !== undefined && ["char", "block", "fifo"].includes(entry.type))) {
      if (this.#linked(entry, parent, name)) return;
      const flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW;
      const fd = this.#replacing(parent, name, () => this.#sys.openat2(parent, name, flags, 0o600, RESOLVE_BENEATH));
      this.#file = { fd, entry, path, parent, name, shared: this.#options.twins?.share(entry, fd) === true };
    } else if (entry.type === "directory") {
      this.#directory(entry, parent, name);
      this.#directoryTimes.push({ path, entry });
    } else if (entry.type === "hardlink") {
      this.#hardLink(entry, parent, name);
    } else if (entry.type === "symlink") {
      this.#replacing(parent, name, () => this.#sys.symlinkat(entry.linkName, parent, name));
      this.#own(parent, name, entry);
      this.#finishMetadata(parent, name, entry);
    } else {
      this.#special(entry, parent, name);
    }
  }

  #linked(entry: TarEntry, parent: number, name: string): boolean {
    const { twins, idMappings } = this.#options;
    if (twins === undefined) return false;
    const owner = { uid: toHostId(entry.uid, idMappings?.uidMap ?? []), gid: toHostId(entry.gid, idMappings?.gidMap ?? []) };
    return twins.link(entry, owner, (path) => this.#replacing(parent, name, () => this.#sys.linkat(AT_FDCWD, path, parent, name, 0)));
  }

  #directory(entry: TarEntry, parent: number, name: string): void {
    try {
      this.#sys.mkdirat(parent, name, 0o700);
    } catch (error) {
      if (errnoCode(error) !== "EEXIST") throw error;
      if (!this.#isDirectory(parent, name)) {
        this.#directories.remove(parent, name);
        this.#sys.mkdirat(parent, name, 0o700);
      }
    }
    this.#own(parent, name, entry);
    this.#sys.fchmodat(parent, name, this.#options.forceMask ?? entry.mode);
    applyAttributes(this.#sys, parent, name, entry, this.#options.userNamespace);
    this.#override(parent, name, entry);
  }

  #override(parent: number, name: string, entry: TarEntry): void {
    if (this.#options.forceMask === undefined || entry.type === "symlink") return;
    const value = overrideText(overrideKind(entry), entry, entry.mode);
    this.#sys.lsetxattr(`/proc/self/fd/${parent}/${name}`, OVERRIDE_ATTRIBUTE, Buffer.from(value));
  }

  #hardLink(entry: TarEntry, parent: number, name: string): void {
    const target = insidePath(entry.linkName);
    const targetParent = this.#directories.parentOf(target);
    this.#replacing(parent, name, () => this.#sys.linkat(targetParent, baseName(target), parent, name, 0));
  }

  #special(entry: TarEntry, parent: number, name: string): void {
    if (entry.type === "fifo") {
      this.#replacing(parent, name, () => this.#sys.mkfifoat(parent, name, 0o600));
    } else {
      // The kernel refuses devices to a user namespace, and a container there gets its own /dev anyway.
      if (this.#options.userNamespace) return;
      const device = makeDevice(entry.deviceMajor, entry.deviceMinor);
      this.#replacing(parent, name, () => this.#sys.mknodat(parent, name, (entry.type === "char" ? S_IFCHR : S_IFBLK) | 0o600, device));
    }
    this.#own(parent, name, entry);
    this.#sys.fchmodat(parent, name, entry.mode);
    this.#finishMetadata(parent, name, entry);
  }

  #finishMetadata(parent: number, name: string, entry: TarEntry): void {
    applyAttributes(this.#sys, parent, name, entry, this.#options.userNamespace);
    this.#override(parent, name, entry);
    applyTimes(this.#sys, parent, name, entry);
  }

  #own(parent: number, name: string, entry: TarEntry): void {
    const { idMappings, forceMask } = this.#options;
    if (forceMask !== undefined) return;
    const uid = toHostId(entry.uid, idMappings?.uidMap ?? []);
    const gid = toHostId(entry.gid, idMappings?.gidMap ?? []);
    try {
      this.#sys.fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    } catch (error) {
      if (this.#options.ignoreChownErrors === true) return;
      if (errnoCode(error) !== "EINVAL" || !this.#options.userNamespace) throw error;
      throw new ToolError("unavailable", `the user namespace has no id for owner ${uid}:${gid}`, {
        cause: error,
        hint: "give the user more ids in /etc/subuid and /etc/subgid, then run podman system migrate",
      });
    }
  }

  /** Runs `make`; when the name is taken, what is there goes first. */
  #replacing<T>(parent: number, name: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (errnoCode(error) !== "EEXIST") throw error;
      this.#directories.remove(parent, name);
      return make();
    }
  }

  #whiteout(entry: TarEntry, path: string, name: string): void {
    const opaque = name === OPAQUE_MARKER;
    const hidden = name.slice(WHITEOUT_PREFIX.length);
    // `.wh..` and `.wh...` would name the directory itself and the one above.
    if (hidden === "" || hidden === "." || hidden === "..")
      throw new ToolError("corrupt", `archive entry ${JSON.stringify(name)} deletes nothing`);
    let parent: number;
    try {
      parent = this.#directories.parentOf(path, true);
    } catch (error) {
      // A layer may delete a directory and then, once more, what was in it.
      if (errnoCode(error) === "ENOTDIR") return;
      throw error;
    }
    if (this.#options.whiteouts === "remove") {
      if (opaque) this.#directories.clear(dirName(path), this.#unpacked);
      else this.#directories.remove(parent, hidden);
    } else if (opaque) {
      this.#sys.lsetxattr(`/proc/self/fd/${parent}/.`, overlayAttribute("opaque", this.#options.userNamespace), Buffer.from("y"));
    } else {
      this.#replacing(parent, hidden, () => this.#sys.mknodat(parent, hidden, S_IFCHR, 0));
      this.#own(parent, hidden, entry);
    }
  }

  #isDirectory(parent: number, name: string): boolean {
    try {
      this.#sys.close(this.#sys.openat2(parent, name, O_DIRECTORY | O_NOFOLLOW, 0, RESOLVE_BENEATH));
      return true;
    } catch {
      return false;
    }
  }
}

function overrideKind(entry: TarEntry): string {
  if (entry.type === "directory") return "dir";
  if (entry.type === "fifo") return "pipe";
  return entry.type === "char" || entry.type === "block" ? `${entry.type}-${entry.deviceMajor}-${entry.deviceMinor}` : "file";
}

/** The entry's path relative to the root, `.` for the root itself; refuses what would lead outside. */
function insidePath(name: string): string {
  const clean = cleanTarName(name);
  const path = clean.startsWith("/") ? clean.slice(1) : clean;
  if (path === ".." || path.startsWith("../"))
    throw new ToolError("corrupt", `archive entry ${JSON.stringify(name.slice(0, 200))} would be written outside the layer`);
  if (path.includes("\0")) throw new ToolError("corrupt", `archive entry ${JSON.stringify(name.slice(0, 200))} has a NUL in its name`);
  return path === "" ? "." : path;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function dirName(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}
