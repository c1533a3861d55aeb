import { posix } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import {
  AT_SYMLINK_NOFOLLOW,
  O_DIRECTORY,
  O_PATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  S_IFDIR,
  S_IFMT,
} from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { LayerExtractor } from "@containers/storage/archive/extract-entries";
import { TarReader } from "@containers/storage/archive/read-tar";
import type { TarEntry, TarSink } from "@containers/storage/archive/tar-entry";
import { inUserNamespace } from "@containers/storage/id-shift/id-mapping";
import type { ByteStream, IdMappings } from "@containers/storage/store";
import { openPlace, type Place } from "./place.ts";

export interface UnpackOptions {
  /** Owner of everything, as ids of the container; without one the archive's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly idMappings?: IdMappings;
  /** A directory may take the place of a file, and a file that of a directory. */
  readonly overwrite: boolean;
  /** Device nodes are left out. */
  readonly withoutDevices: boolean;
  /** Other names for what stands in the archive, and for what is below it. */
  readonly rename?: Readonly<Record<string, string>>;
}

/** Unpacks a tar stream below a directory; nothing is written outside of it, whatever the archive says. */
export async function unpackInto(sys: Sys, directory: Place, stream: ByteStream, options: UnpackOptions): Promise<void> {
  const rootFd = openPlace(sys, directory.root, directory.path, O_PATH | O_DIRECTORY);
  const extractor = new LayerExtractor({
    sys,
    rootFd,
    whiteouts: "none",
    userNamespace: inUserNamespace(),
    ...(options.idMappings === undefined ? {} : { idMappings: options.idMappings }),
  });
  try {
    const reader = new TarReader(checkedSink({ sys, rootFd, directory }, extractor, options));
    for await (const chunk of stream) reader.push(chunk);
    reader.finish();
    extractor.finish();
  } finally {
    extractor.close();
    sys.close(rootFd);
  }
}

interface Target {
  readonly sys: Sys;
  readonly rootFd: number;
  readonly directory: Place;
}

/** Passes on what may be unpacked, with its new owner. */
function checkedSink(target: Target, extractor: LayerExtractor, options: UnpackOptions): TarSink {
  let passing = false;
  return {
    raw: () => undefined,
    entry: (written) => {
      const entry = renamed(written, options.rename);
      passing = !(options.withoutDevices && (entry.type === "char" || entry.type === "block"));
      if (!passing) return;
      if (!options.overwrite) requireSameKind(target, entry, options);
      extractor.entry(options.owner === undefined ? entry : { ...entry, ...options.owner });
    },
    data: (bytes, position) => {
      if (passing) extractor.data(bytes, position);
    },
    endEntry: () => {
      if (passing) extractor.endEntry();
    },
  };
}

function renamed(entry: TarEntry, names: UnpackOptions["rename"]): TarEntry {
  for (const [from, to] of Object.entries(names ?? {})) {
    const name = entry.name.replace(/^\.\//, "");
    if (name === from || name === `${from}/` || name.startsWith(`${from}/`)) return { ...entry, name: `${to}${name.slice(from.length)}` };
  }
  return entry;
}

function requireSameKind({ sys, rootFd, directory }: Target, entry: TarEntry, options: UnpackOptions): void {
  const existing = existingMode(sys, rootFd, entry.name);
  if (existing === undefined || entry.type === "global") return;
  if (((existing & S_IFMT) === S_IFDIR) === (entry.type === "directory")) return;
  const path = posix.join(options.withoutDevices ? "/" : directory.path, entry.name);
  throw new ToolError(
    "already-exists",
    `error creating ${JSON.stringify(path.replace(/(.)\/+$/, "$1"))}: a ${entry.type === "directory" ? "file" : "directory"} stands there: file exists`,
    { hint: "--overwrite lets files and directories replace each other" },
  );
}

function existingMode(sys: Sys, rootFd: number, name: string): number | undefined {
  const [base = "", ...parents] = name
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .reverse();
  if (base === "" || base === "..") return undefined;
  try {
    const parent = sys.openat2(
      rootFd,
      parents.reverse().join("/") || ".",
      O_PATH | O_DIRECTORY,
      0,
      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    );
    try {
      return sys.fstatat(parent, base, AT_SYMLINK_NOFOLLOW).mode;
    } finally {
      sys.close(parent);
    }
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
