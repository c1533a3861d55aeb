import { closeSync, createReadStream, fstatSync, openSync } from "node:fs";
import { join, normalize } from "node:path";
import { type ByteStream, readAll } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { decompressAny, detectCompression } from "../../copy/compression.ts";
import { fileError, openUnnamedFile, readRange, writeStream } from "../blob-file.ts";
import { indexTar, type TarEntry } from "./tar-index.ts";

/** An archive that is open for reading at any place. */
export interface ArchiveReader {
  readonly path: string;
  /** The file of this name, links followed; undefined when there is none. */
  find(name: string): TarEntry | undefined;
  open(entry: TarEntry): ByteStream;
  /** A small file's bytes. Throws not-found, or corrupt when it is larger than `max`. */
  read(name: string, max: number): Promise<Uint8Array>;
  close(): void;
}

const MAX_LINKS = 10;
/** A head of this many bytes tells the compression. */
const SNIFF_BYTES = 16;
const PIPE_CHUNK = 1 << 20;

/** Opens an archive; a compressed one, or one that comes through a pipe, is first unpacked to a nameless temporary file. */
export async function openArchive(path: string, directory: string): Promise<ArchiveReader> {
  const fd = await openSeekable(path, directory);
  try {
    const entries = new Map(indexTar(fd, fstatSync(fd).size).map((entry) => [entry.name, entry]));
    return archiveReader(path, fd, entries);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function archiveReader(path: string, fd: number, entries: ReadonlyMap<string, TarEntry>): ArchiveReader {
  const find = (name: string): TarEntry | undefined => {
    let at: string = name;
    for (let links = 0; links < MAX_LINKS; links++) {
      const entry = entries.get(at);
      if (entry === undefined || entry.type === "file") return entry;
      if (entry.type === "hardlink") at = normalize(entry.target);
      else if (entry.type === "symlink") at = normalize(join(at, "..", entry.target));
      else return undefined;
    }
    return undefined;
  };
  return {
    path,
    find,
    open: (entry) => readRange(fd, entry.offset, entry.size),
    async read(name, max) {
      const entry = find(name);
      if (entry === undefined)
        throw new ToolError("not-found", `file ${JSON.stringify(name)} not found in archive ${path}`, { code: "no-such-entry" });
      return await readAll(readRange(fd, entry.offset, entry.size), max, `${name} in ${path}`);
    },
    close: () => closeSync(fd),
  };
}

async function openSeekable(path: string, directory: string): Promise<number> {
  const fd = open(path);
  let keep = false;
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new ToolError("invalid-argument", `${path}: is a directory`);
    const head = stat.isFile() ? await readAll(readRange(fd, 0, Math.min(SNIFF_BYTES, stat.size)), SNIFF_BYTES) : undefined;
    if (head !== undefined && detectCompression(head) === "none") {
      keep = true;
      return fd;
    }
    return await unpack(
      stat.isFile() ? readRange(fd, 0, stat.size) : createReadStream(path, { fd, autoClose: false, highWaterMark: PIPE_CHUNK }),
      directory,
    );
  } finally {
    if (!keep) closeSync(fd);
  }
}

async function unpack(stream: ByteStream, directory: string): Promise<number> {
  const fd = openUnnamedFile(directory);
  try {
    await writeStream(fd, (await decompressAny(stream)).stream);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw fileError(error);
  }
}
