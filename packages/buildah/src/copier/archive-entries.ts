import { PassThrough, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { ToolError } from "@containers/common/errors/tool-error";
import { externalDecompressor } from "@containers/storage/archive/external-decompressor";
import type { CopyEntry } from "./entry.ts";

type Content = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

/** How the file is packed, when its first 512 bytes look like an archive that ADD unpacks. */
export function archiveKind(head: Uint8Array): Compression | undefined {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts(0x1f, 0x8b, 0x08)) return "gzip";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  if (starts(0x42, 0x5a, 0x68)) return "bzip2";
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return "xz";
  return isTarHeader(head) ? "none" : undefined;
}

/** The checksum of a tar header fits only a tar header. */
function isTarHeader(head: Uint8Array): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  const stored = Number.parseInt(
    Buffer.from(head.subarray(148, 156))
      .toString("latin1")
      .replace(/[^0-7]+$/, "")
      .trim(),
    8,
  );
  const sum = head.subarray(0, 512).reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return stored === sum;
}

/** Whether the bytes are a tar archive once unpacked; a compressed file that holds none is copied as it is. */
export async function holdsTar(content: Content, kind: Compression): Promise<boolean> {
  if (kind === "none") return true;
  const head: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of decompress(content, kind)) {
      head.push(Buffer.from(chunk));
      length += chunk.length;
      if (length >= 512) break;
    }
  } catch (error) {
    if (error instanceof ToolError) throw error;
    return false;
  }
  return isTarHeader(Buffer.concat(head));
}

/** The entries of an archive, in its order. */
export async function* archiveEntries(content: Content, kind: Compression): AsyncIterable<CopyEntry> {
  const { extract } = await import("tar-stream");
  const archive = extract();
  const source = decompress(content, kind);
  let gnu = false;
  source.once("data", (chunk: Buffer) => {
    gnu = chunk.subarray(257, 264).toString("latin1") === "ustar  ";
  });
  source.on("error", (error) => archive.destroy(error));
  source.pipe(archive);
  for await (const entry of archive) {
    const header = entry.header;
    const type = entryType(header.type);
    const name = cleanName(header.name);
    if (type === undefined || name === "") {
      entry.resume();
      continue;
    }
    const mtime = header.mtime?.getTime() ?? 0;
    yield {
      name,
      type,
      mode: (header.mode ?? 0o644) & 0o7777,
      uid: header.uid ?? 0,
      gid: header.gid ?? 0,
      size: type === "file" ? (header.size ?? 0) : 0,
      mtime: { sec: Math.floor(mtime / 1000), nsec: (mtime % 1000) * 1e6 },
      linkName: type === "hardlink" ? cleanName(header.linkname ?? "") : (header.linkname ?? ""),
      deviceMajor: header.devmajor ?? 0,
      deviceMinor: header.devminor ?? 0,
      xattrs: paxXattrs(header.pax),
      userName: header.uname ?? "",
      groupName: header.gname ?? "",
      gnu,
      content: () => bytesOf(entry),
    };
    entry.resume();
  }
}

async function* bytesOf(stream: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

function decompress(content: Content, kind: Compression): Readable {
  // Copies: the reader's buffer is used again for the next chunk.
  const source = Readable.from(
    (async function* () {
      for await (const chunk of content) yield Buffer.from(chunk);
    })(),
    { objectMode: false },
  );
  if (kind === "none") return source.pipe(new PassThrough());
  if (kind === "xz" || kind === "bzip2") return Readable.from(externalDecompressor(source, kind), { objectMode: false });
  const unpack = kind === "gzip" ? createGunzip() : createZstdDecompress();
  source.on("error", (error) => unpack.destroy(error));
  return source.pipe(unpack);
}

function entryType(type: string | undefined | null): CopyEntry["type"] | undefined {
  switch (type) {
    case "file":
    case "contiguous-file":
      return "file";
    case "directory":
      return "directory";
    case "symlink":
      return "symlink";
    case "link":
      return "hardlink";
    case "character-device":
      return "char";
    case "block-device":
      return "block";
    case "fifo":
      return "fifo";
    default:
      return undefined;
  }
}

/** No leading slash and no `..`: whatever the archive says, its entries stay below the destination. */
function cleanName(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

function paxXattrs(pax: unknown): ReadonlyMap<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(typeof pax === "object" && pax !== null ? pax : {})) {
    if (typeof value === "string" && key.startsWith("SCHILY.xattr."))
      values.set(key.slice("SCHILY.xattr.".length), Buffer.from(value, "latin1"));
  }
  return values;
}
