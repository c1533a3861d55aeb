import fs from "node:fs";
import zlib from "node:zlib";
import { ToolError } from "@containers/common/errors/tool-error";
import { openBelow } from "@containers/common/fs/open-in-root";
import { decodeName } from "@containers/common/fs/raw-names";
import { AT_FDCWD, O_DIRECTORY, O_NOFOLLOW, O_PATH, O_RDONLY } from "@containers/common/sys/constants";
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
  /** The reader compares the digest of the whole: what changed in a file shows there, so that sums of files need not be taken. */
  readonly wholeIsVerified?: boolean;
}

/**
 * Puts a layer's archive together again, byte for byte: the raw parts come out of the tar-split file, the contents from the first
 * of `directories` that has the file. Throws `corrupt` when a file is missing or, unless the whole is verified, has changed since.
 */
export async function* assembleTar(sys: Sys, tarSplit: string, source: AssemblySource): ByteStream {
  const output = new Assembly(source.borrowed === true);
  const plain = fs.createReadStream(tarSplit).pipe(zlib.createGunzip({ chunkSize: CHUNK_SIZE }));
  const contents = new Contents(sys, source);
  try {
    for await (const lines of linesTogether(plain as AsyncIterable<Uint8Array>)) {
      for (const entry of lines) {
        if (entry.type === 2) yield* output.addBase64(entry.payload ?? "");
        else if (entry.type === 1 && (entry.size ?? 0) > 0) yield* contents.addTo(output, entry);
      }
    }
    yield* output.rest();
  } finally {
    contents.close();
  }
}

/** The archive in pieces of one size, so that whoever reads gets few large ones, each filled in place. */
class Assembly {
  readonly #borrowed: boolean;
  #buffer = Buffer.allocUnsafeSlow(CHUNK_SIZE);
  #held = 0;

  constructor(borrowed: boolean) {
    this.#borrowed = borrowed;
  }

  /** What `bytes` decodes to. */
  *addBase64(bytes: string): Generator<Uint8Array> {
    if (bytes.length <= CHUNK_SIZE - this.#held) {
      this.#held += this.#buffer.write(bytes, this.#held, "base64");
      return;
    }
    const part = Buffer.from(bytes, "base64");
    for (let at = 0; at < part.length; ) {
      const piece = part.subarray(at, at + CHUNK_SIZE - this.#held);
      this.#buffer.set(piece, this.#held);
      at += piece.length;
      this.#held += piece.length;
      if (this.#held === CHUNK_SIZE) yield* this.rest();
    }
  }

  /** The next `size` bytes of a file, or all that it has. */
  *addFile(fd: number, size: number, crc: Crc64 | undefined): Generator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const length = fs.readSync(fd, this.#buffer, this.#held, Math.min(left, CHUNK_SIZE - this.#held), null);
      if (length === 0) break;
      crc?.update(this.#buffer.subarray(this.#held, this.#held + length));
      this.#held += length;
      left -= length;
      if (this.#held === CHUNK_SIZE) yield* this.rest();
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

/** The files of a layer. */
class Contents {
  readonly #sys: Sys;
  readonly #directories: readonly string[];
  /** Opened with the first file that is looked for in each. */
  readonly #roots = new Map<string, number>();
  readonly #crc: Crc64 | undefined;

  constructor(sys: Sys, source: AssemblySource) {
    this.#sys = sys;
    this.#directories = source.directories;
    this.#crc = source.wholeIsVerified === true ? undefined : new Crc64();
  }

  *addTo(output: Assembly, entry: TarSplitLine): Generator<Uint8Array> {
    const name = fileName(entry);
    const fd = this.#open(name);
    this.#crc?.reset();
    try {
      yield* output.addFile(fd, entry.size ?? 0, this.#crc);
    } finally {
      this.#sys.close(fd);
    }
    if (this.#crc === undefined || Buffer.from(this.#crc.digest()).toString("base64") === entry.payload) return;
    throw new ToolError("corrupt", `file integrity checksum failed for ${JSON.stringify(name)}: it has changed since the layer was stored`);
  }

  close(): void {
    for (const fd of this.#roots.values()) this.#sys.close(fd);
  }

  #open(name: string): number {
    let failure: unknown;
    for (const directory of this.#directories) {
      try {
        return openBelow(this.#sys, this.#root(directory), name, { flags: O_RDONLY | O_NOFOLLOW });
      } catch (error) {
        failure ??= error;
        if (errnoCode(error) !== "ENOENT" && errnoCode(error) !== "ENOTDIR") break;
      }
    }
    throw new ToolError("corrupt", `layer file ${JSON.stringify(name)} cannot be read`, { cause: failure });
  }

  #root(directory: string): number {
    const open = this.#roots.get(directory);
    if (open !== undefined) return open;
    const fd = this.#sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, 0);
    this.#roots.set(directory, fd);
    return fd;
  }
}

/** The name in a line for a file. */
export function fileName(line: TarSplitLine): string {
  return line.name_raw === undefined ? (line.name ?? "") : decodeName(Buffer.from(line.name_raw, "base64"));
}

/** The lines of uncompressed tar-split data; throws `corrupt` for one beyond all measure. */
export async function* tarSplitLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarSplitLine> {
  for await (const lines of linesTogether(stream)) yield* lines;
}

/** As many lines at a time as arrived together: waiting for each costs more than reading it. */
async function* linesTogether(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Iterable<TarSplitLine>> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  for await (const chunk of stream) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    rest = text.slice(end + 1);
    if (end !== -1) yield parseLines(text.slice(0, end));
    if (rest.length > MAXIMUM_LINE) throw new ToolError("corrupt", "tar-split data has a line without end");
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield [parseLine(rest)];
}

function* parseLines(text: string): Generator<TarSplitLine> {
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
    yield parseLine(text.slice(start, end));
    start = end + 1;
  }
  yield parseLine(text.slice(start));
}

function parseLine(line: string): TarSplitLine {
  try {
    return JSON.parse(line) as TarSplitLine;
  } catch (cause) {
    throw new ToolError("corrupt", "tar-split data is not JSON", { cause });
  }
}
