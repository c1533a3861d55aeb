import fs from "node:fs";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { type LocalPiece, openPiece } from "../chunked/local-contents.ts";
import type { TarEntry } from "./tar-entry.ts";

/** Labels are the host's own, and differ from layer to layer. */
const IGNORED_ATTRIBUTES: ReadonlySet<string> = new Set(["security.selinux"]);

/** Lets files of a layer in the making share the blocks of equal files in other layers. */
export class FileTwins {
  readonly #sys: Sys;
  readonly #twin: (name: string) => LocalPiece | undefined;
  readonly #hardLinks: boolean;
  /** Until the file system has shown that it cannot. */
  #canShare = true;

  /** `twin` gives the file of another layer with the contents of the one of this name; with `hardLinks` the two may become one. */
  constructor(sys: Sys, twin: (name: string) => LocalPiece | undefined, hardLinks: boolean) {
    this.#sys = sys;
    this.#twin = twin;
    this.#hardLinks = hardLinks;
  }

  /** Gives the empty file the blocks of its twin; false when its contents have to be written. */
  share(entry: TarEntry, fd: number): boolean {
    const twin = this.#canShare ? this.#twin(entry.name) : undefined;
    if (twin === undefined) return false;
    return withOpen(
      () => openPiece(this.#sys, twin),
      (source) => {
        this.#canShare = this.#sys.reflink(fd, source);
        return this.#canShare;
      },
    );
  }

  /** Calls `make` with a path to link to when the twin has the same owner, mode and attributes; true when that was done. */
  link(entry: TarEntry, owner: { readonly uid: number; readonly gid: number }, make: (path: string) => void): boolean {
    const twin = this.#hardLinks ? this.#twin(entry.name) : undefined;
    if (twin === undefined) return false;
    const slash = twin.name.replace(/\/+$/, "").lastIndexOf("/");
    const open = (): number => openInRoot(this.#sys, twin.root, slash <= 0 ? "." : twin.name.slice(0, slash), O_PATH | O_DIRECTORY);
    return withOpen(open, (directory) => {
      const path = `/proc/self/fd/${directory}/${twin.name.slice(slash + 1)}`;
      const stat = fs.lstatSync(path);
      if (!stat.isFile() || stat.uid !== owner.uid || stat.gid !== owner.gid || (stat.mode & 0o7777) !== entry.mode) return false;
      if (!this.#sameAttributes(path, entry)) return false;
      make(path);
      return true;
    });
  }

  #sameAttributes(path: string, entry: TarEntry): boolean {
    const wanted = new Map(entry.xattrs);
    for (const name of this.#sys.llistxattr(path)) {
      if (IGNORED_ATTRIBUTES.has(name)) continue;
      const value = this.#sys.lgetxattr(path, name);
      const other = wanted.get(name);
      if (value === undefined || other === undefined || Buffer.compare(value, other) !== 0) return false;
      wanted.delete(name);
    }
    return wanted.size === 0;
  }
}

/** What cannot be opened, linked or shared is written instead. */
function withOpen(open: () => number, use: (fd: number) => boolean): boolean {
  let fd: number | undefined;
  try {
    fd = open();
    return use(fd);
  } catch {
    return false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
