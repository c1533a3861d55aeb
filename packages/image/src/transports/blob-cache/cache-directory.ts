import fs from "node:fs";
import { join } from "node:path";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { errnoCode } from "@containers/common/sys/sys-error";
import { decompressAny } from "../../copy/compression.ts";
import { readFileStream, writeFully, writeStream } from "../blob-file.ts";
import type { BlobInfo, ByteStream } from "../transport.ts";

const COMPRESSED_NOTE = ".compressed";
const DECOMPRESSED_NOTE = ".decompressed";

/**
 * A directory of blobs by digest, as `--blob-cache` of buildah keeps it: `sha256:HEX` for layers and manifests, `sha256:HEX.config` for configs, and beside a layer that
 * is there compressed and plain a note with the other one's digest (`.compressed`, `.decompressed`). The directory has to be there: nothing is kept
 * where it is not.
 */
export class CacheDirectory {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The blob's file, when its size is the wanted one. */
  find({ digest, size }: BlobInfo): { readonly path: string; readonly size: number; readonly isConfig: boolean } | undefined {
    for (const isConfig of [false, true]) {
      const path = this.#path(digest, isConfig);
      const found = path === undefined ? undefined : fs.statSync(path, { throwIfNoEntry: false });
      if (path !== undefined && found?.isFile() === true && (size < 0 || found.size === size)) return { path, size: found.size, isConfig };
    }
    return undefined;
  }

  /** The stream as it is; once it was read to its end, the blob is kept, of a compressed layer the plain form as well. */
  async *keeping(stream: ByteStream, blob: { readonly digest: string; readonly isConfig: boolean }): AsyncGenerator<Uint8Array> {
    const path = this.#path(blob.digest, blob.isConfig);
    const temporary = path === undefined ? undefined : openTemporary(path);
    if (path === undefined || temporary === undefined) {
      yield* stream;
      return;
    }
    let whole = false;
    try {
      for await (const chunk of stream) {
        writeFully(temporary.fd, chunk);
        yield chunk;
      }
      whole = true;
    } finally {
      temporary.close(whole ? path : undefined);
    }
    if (!blob.isConfig) await this.#keepPlain(path, blob.digest);
  }

  /** Keeps a manifest. @throws what the file system says */
  keepManifest(digest: string, bytes: Uint8Array): void {
    const path = this.#path(digest, false);
    if (path !== undefined) writeFileAtomic(path, bytes, { mode: 0o600 });
  }

  /** Bytes of a manifest that was kept. */
  manifest(digest: string): Uint8Array | undefined {
    const path = this.#path(digest, false);
    return path === undefined ? undefined : readIfThere(path);
  }

  /** The gzip form of a layer, where it is here. */
  compressedForm(digest: string): { readonly digest: string; readonly size: number } | undefined {
    const path = this.#path(digest, false);
    const note = path === undefined ? undefined : readIfThere(path + COMPRESSED_NOTE);
    const other = note === undefined ? "" : Buffer.from(note).toString().trim();
    const found = this.find({ digest: other, size: -1 });
    return found === undefined ? undefined : { digest: other, size: found.size };
  }

  async #keepPlain(path: string, digest: string): Promise<void> {
    const { compression, stream } = await decompressAny(readFileStream(path));
    const hashed = hashingStream(stream);
    const temporary = compression === "gzip" ? openTemporary(path) : undefined;
    if (temporary === undefined) {
      await stream[Symbol.asyncIterator]().return?.();
      return;
    }
    let plain: string | undefined;
    try {
      await writeStream(temporary.fd, hashed.stream);
      plain = this.#path(hashed.digest(), false);
    } finally {
      temporary.close(plain);
    }
    if (plain === undefined) return;
    writeFileAtomic(plain + COMPRESSED_NOTE, digest, { mode: 0o600 });
    writeFileAtomic(path + DECOMPRESSED_NOTE, hashed.digest(), { mode: 0o600 });
  }

  /** Undefined for what is no digest, and so no name of a file. */
  #path(digest: string, isConfig: boolean): string | undefined {
    return /^[a-z0-9]+:[0-9a-f]{32,}$/.test(digest) ? join(this.#directory, digest + (isConfig ? ".config" : "")) : undefined;
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A file that gets its name when it is whole; undefined where there is no directory for it. */
function openTemporary(beside: string): { readonly fd: number; close(name: string | undefined): void } | undefined {
  const path = `${beside}.${process.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const fd = fs.openSync(path, "wx", 0o600);
    return {
      fd,
      close: (name) => {
        fs.closeSync(fd);
        if (name === undefined) fs.rmSync(path, { force: true });
        else fs.renameSync(path, name);
      },
    };
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
