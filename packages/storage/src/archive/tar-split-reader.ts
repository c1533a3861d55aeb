import fs from "node:fs";
import zlib from "node:zlib";
import { ToolError } from "@containers/common/errors/tool-error";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { decodeName } from "@containers/common/fs/raw-names";
import { O_NOFOLLOW, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { ByteStream } from "../store.ts";
import { Crc64 } from "./crc64.ts";

const CHUNK_SIZE = 256 << 10;
/** Base64 of headers with the longest extensions. */
const MAXIMUM_LINE = 64 << 20;

/** A line of tar-split data: raw bytes of the archive (type 2) or the place of a file's contents (type 1). */
export interface TarSplitLine {
  readonly type: number;
  readonly name?: string;
  readonly name_raw?: string;
  readonly size?: number;
  readonly payload: string | null;
}

/** Where a layer's files are, and how its archive is handed out. */
export interface AssemblySource {
  /** The first that has a file counts. */
  readonly directories: readonly string[];
  /** Each piece is used before the next is asked for: all come in the same memory. */
  readonly borrowed?: boolean;
}

/**
 * Puts a layer's archive together again, byte for byte: the raw parts come out of the tar-split file, the contents from the first
 * of `directories` that has the file. Throws `corrupt` when a file is missing or has changed since.
 */
export async function* assembleTar(sys: Sys, tarSplit: string, source: AssemblySource): ByteStream {
  const output = new Assembly(source.borrowed === true);
  const plain = fs.createReadStream(tarSplit).pipe(zlib.createGunzip({ chunkSize: CHUNK_SIZE }));
  for await (const entry of tarSplitLines(plain as AsyncIterable<Uint8Array>)) {
    if (entry.type === 2) {
      yield* output.add(Buffer.from(entry.payload ?? "", "base64"));
    } else if (entry.type === 1 && (entry.size ?? 0) > 0) {
      const file = { name: fileName(entry), size: entry.size ?? 0, checksum: entry.payload ?? "" };
      yield* addFile(sys, output, { ...file, directories: source.directories });
    }
  }
  yield* output.rest();
}

/** The archive in pieces of one size, so that whoever reads gets few large ones, each filled in place. */
class Assembly {
  readonly #borrowed: boolean;
  #buffer = Buffer.allocUnsafeSlow(CHUNK_SIZE);
  #held = 0;

  constructor(borrowed: boolean) {
    this.#borrowed = borrowed;
  }

  /** Memory to fill from its start, never empty. */
  room(): Buffer {
    return this.#buffer.subarray(this.#held);
  }

  /** So many bytes of {@link room} are filled. */
  *filled(bytes: number): Generator<Uint8Array> {
    this.#held += bytes;
    if (this.#held === CHUNK_SIZE) yield* this.rest();
  }

  *add(part: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < part.length; ) {
      const room = this.room();
      const piece = part.subarray(at, at + room.length);
      room.set(piece);
      at += piece.length;
      yield* this.filled(piece.length);
    }
  }

  *rest(): Generator<Uint8Array> {
    if (this.#held === 0) return;
    const piece = this.#buffer.subarray(0, this.#held);
    if (!this.#borrowed) this.#buffer = Buffer.allocUnsafeSlow(CHUNK_SIZE);
    this.#held = 0;
    yield piece;
  }
}

interface ContentFile {
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
  readonly directories: readonly string[];
}

function* addFile(sys: Sys, output: Assembly, file: ContentFile): Generator<Uint8Array> {
  const fd = openContent(sys, file.name, file.directories);
  const crc = new Crc64();
  try {
    for (let left = file.size; left > 0; ) {
      const room = output.room();
      const length = fs.readSync(fd, room, 0, Math.min(left, room.length), null);
      if (length === 0) break;
      crc.update(room.subarray(0, length));
      yield* output.filled(length);
      left -= length;
    }
  } finally {
    fs.closeSync(fd);
  }
  const actual = Buffer.from(crc.digest()).toString("base64");
  if (actual === file.checksum) return;
  throw new ToolError(
    "corrupt",
    `file integrity checksum failed for ${JSON.stringify(file.name)}: it has changed since the layer was stored`,
  );
}

function openContent(sys: Sys, name: string, directories: readonly string[]): number {
  let failure: unknown;
  for (const directory of directories) {
    try {
      return openInRoot(sys, directory, name, O_RDONLY | O_NOFOLLOW);
    } catch (error) {
      failure ??= error;
      if (errnoCode(error) !== "ENOENT" && errnoCode(error) !== "ENOTDIR") break;
    }
  }
  throw new ToolError("corrupt", `layer file ${JSON.stringify(name)} cannot be read`, { cause: failure });
}

/** The name in a line for a file. */
export function fileName(line: TarSplitLine): string {
  return line.name_raw === undefined ? (line.name ?? "") : decodeName(Buffer.from(line.name_raw, "base64"));
}

/** The lines of uncompressed tar-split data; throws `corrupt` for one beyond all measure. */
export async function* tarSplitLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarSplitLine> {
  let rest = "";
  for await (const chunk of stream) {
    const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      yield parseLine(text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
    if (rest.length > MAXIMUM_LINE) throw new ToolError("corrupt", "tar-split data has a line without end");
  }
  if (rest.trim() !== "") yield parseLine(rest);
}

function parseLine(line: string): TarSplitLine {
  try {
    return JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as TarSplitLine;
  } catch (cause) {
    throw new ToolError("corrupt", "tar-split data is not JSON", { cause });
  }
}
