import { posix } from "node:path";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, O_DIRECTORY, O_PATH, S_IFMT } from "@containers/common/sys/constants";
import type { Stat } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { decompress, detectCompression } from "@containers/storage/archive/compression";
import type { Engine } from "../../engine/engine.ts";
import { type ContainerEnd, openContainerEnd } from "./container-end.ts";
import { packPlace } from "./pack.ts";
import { isDirectory, openPlace } from "./place.ts";
import { unpackInto } from "./unpack.ts";

type Ports = Pick<Engine, "sys" | "state" | "store">;

/** What Docker's clients are told of a path before they copy it, with their keys. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** As Go's os.FileMode has it; of a link itself. */
  readonly mode: number;
  /** RFC 3339, whole seconds. */
  readonly mtime: string;
  /** Of what a link leads to. */
  readonly isDir: boolean;
  /** The path without links. */
  readonly linkTarget: string;
}

/** Describes a path of a container; undefined when nothing is there. */
export function statContainerPath(engine: Ports, reference: string, path: string): PathStat | undefined {
  return withEnd(engine, { reference, path }, ({ place }) => {
    if (place.stat === undefined) return undefined;
    const own = ownStat(engine, reference, path) ?? place.stat;
    const asked = posix.basename(path);
    const isLink = (own.mode & S_IFMT) === 0o120000;
    const closing = asked === "." ? "/." : path.endsWith("/") && place.path !== "/" ? "/" : "";
    return {
      name: asked === "." ? "." : isLink ? posix.basename(place.path) : asked || "/",
      size: own.size,
      mode: goMode(own.mode),
      mtime: new Date(own.mtimeSec * 1000).toISOString().replace(".000Z", "Z"),
      isDir: isDirectory(place.stat),
      linkTarget: `${place.path}${closing}`,
    };
  });
}

/** Of the last part of the path, without following it. */
function ownStat(engine: Ports, reference: string, path: string): Stat | undefined {
  const base = posix.basename(path);
  if (base === "" || base === "." || base === "..") return undefined;
  return withEnd(engine, { reference, path: posix.dirname(path) }, ({ place }) => {
    const fd = openPlace(engine.sys, place.root, place.path, O_PATH | O_DIRECTORY);
    try {
      return engine.sys.fstatat(fd, base, AT_SYMLINK_NOFOLLOW | (base === "" ? AT_EMPTY_PATH : 0));
    } finally {
      engine.sys.close(fd);
    }
  });
}

function withEnd<T>(engine: Ports, at: { readonly reference: string; readonly path: string }, read: (end: ContainerEnd) => T): T {
  const end = openContainerEnd(engine, at.reference, at.path);
  try {
    return read(end);
  } finally {
    end.close();
  }
}

/** File types and special bits stand elsewhere in Go's modes. */
function goMode(mode: number): number {
  const types: Readonly<Record<number, number>> = {
    9604: 0x80000000,
    21609: 0x08000000,
    14406: 0x04000000,
    4802: 0x04200000,
    2401: 0x02000000,
    26411: 0x01000000,
  };
  const special = (mode & 0o4000 ? 0x00800000 : 0) + (mode & 0o2000 ? 0x00400000 : 0) + (mode & 0o1000 ? 0x00100000 : 0);
  return (types[mode & S_IFMT] ?? 0) + special + (mode & 0o777);
}

/** A file or directory of a container as a tar stream, under the name that it was asked for by. */
export async function* readContainerArchive(engine: Ports, reference: string, path: string): ByteStream {
  const end = openContainerEnd(engine, reference, path);
  try {
    const name = posix.basename(path) || "/";
    yield* packPlace(engine.sys, end.place, { name, ...(end.idMappings === undefined ? {} : { idMappings: end.idMappings }) });
  } finally {
    end.close();
  }
}

export interface WriteArchiveOptions {
  /** Files belong to the user that the container runs as. */
  readonly chown: boolean;
  readonly overwrite: boolean;
  /** Other names for what stands in the archive at its top. */
  readonly rename?: Readonly<Record<string, string>>;
}

/** Unpacks a tar stream, compressed or not, into a directory of a container, which is made when it is missing; false when something else is there. */
export async function writeContainerArchive(
  engine: Ports,
  target: { readonly reference: string; readonly path: string },
  stream: ByteStream,
  options: WriteArchiveOptions,
): Promise<boolean> {
  const end = openContainerEnd(engine, target.reference, target.path);
  try {
    if (end.place.stat === undefined) makeDirectories(engine.sys, end.place);
    else if (!isDirectory(end.place.stat)) return false;
    const { compression, stream: rest } = await detectCompression(stream);
    const user = options.chown ? end.user() : undefined;
    await unpackInto(engine.sys, end.place, decompress(rest, compression), {
      ...(user === undefined ? {} : { owner: { uid: user.uid, gid: user.gid } }),
      ...(end.idMappings === undefined ? {} : { idMappings: end.idMappings }),
      overwrite: options.overwrite,
      withoutDevices: false,
      ...(options.rename === undefined ? {} : { rename: options.rename }),
    });
    return true;
  } finally {
    end.close();
  }
}

/** The directory of a place, with those above it. */
function makeDirectories(sys: Ports["sys"], { root, path }: ContainerEnd["place"]): void {
  const names = path.split("/").filter((name) => name !== "");
  names.forEach((name, depth) => {
    const fd = openPlace(sys, root, `/${names.slice(0, depth).join("/")}`, O_PATH | O_DIRECTORY);
    try {
      sys.mkdirat(fd, name, 0o755);
    } catch (error) {
      if (errnoCode(error) !== "EEXIST") throw error;
    } finally {
      sys.close(fd);
    }
  });
}
