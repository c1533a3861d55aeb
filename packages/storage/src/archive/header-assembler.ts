import { parsePaxNumber, parsePaxRecords, parsePaxTime } from "./pax-records.ts";
import { checkPieces, oldGnuPieces, type PaxSparse, paxSparse } from "./sparse-map.ts";
import type { SparsePiece, TarEntry, TarEntryType } from "./tar-entry.ts";
import { corruptArchive, decodeText, headerNumber, parseHeader, type RawHeader } from "./tar-header.ts";

/** Extended headers beyond this size are refused, as the original does. */
const MAXIMUM_EXTENSION = 1 << 20;

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "7": "file",
  S: "file",
  g: "global",
};

/** What a header block turned out to be. */
export type HeaderResult =
  /** An extension of `size` bytes follows; its body goes to {@link HeaderAssembler.extension}. */
  | { readonly kind: "extension"; readonly flag: string; readonly size: number }
  /** The next block is one more piece of an old GNU sparse map. */
  | { readonly kind: "continued" }
  /** A complete entry; `mapFollows` when its sparse map stands before its data. */
  | { readonly kind: "entry"; readonly entry: TarEntry; readonly mapFollows: boolean };

/** Puts an entry together out of its header block and the pax, GNU and sparse extensions that came before it. */
export class HeaderAssembler {
  #pax: Map<string, Buffer> | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;
  #sparseHeader: RawHeader | undefined;
  #sparsePieces: SparsePiece[] = [];
  #sparseSize = 0;

  /** True when extensions were read whose entry has not come yet. */
  get pending(): boolean {
    return this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined || this.#sparseHeader !== undefined;
  }

  /** Takes a header block, or the next block of an old GNU sparse map after `continued`. */
  block(block: Buffer): HeaderResult {
    if (this.#sparseHeader !== undefined) return this.#oldSparse(this.#sparseHeader, oldGnuPieces(block, 0, 21));
    const header = parseHeader(block);
    if (header.size < 0) throw corruptArchive("an entry has a negative size");
    if ("xgLK".includes(header.typeFlag)) {
      if (header.size > MAXIMUM_EXTENSION) throw corruptArchive(`an extended header of ${header.size} bytes is larger than allowed`);
      return { kind: "extension", flag: header.typeFlag, size: header.size };
    }
    if (header.typeFlag === "S") {
      this.#sparseSize = headerNumber(block, 483, 12);
      return this.#oldSparse(header, oldGnuPieces(block, 386, 4));
    }
    return this.#entry(header);
  }

  /** Takes an extension's body. A global header is an entry of its own, to which nothing is extracted. */
  extension(flag: string, body: Buffer): TarEntry | undefined {
    if (flag === "x") this.#pax = parsePaxRecords(Buffer.from(body));
    else if (flag === "L") this.#longName = untilNul(body);
    else if (flag === "K") this.#longLink = untilNul(body);
    else return GLOBAL_ENTRY;
    return undefined;
  }

  #oldSparse(header: RawHeader, part: { pieces: SparsePiece[]; more: boolean }): HeaderResult {
    this.#sparsePieces.push(...part.pieces);
    this.#sparseHeader = part.more ? header : undefined;
    if (part.more) return { kind: "continued" };
    const pieces = this.#sparsePieces;
    this.#sparsePieces = [];
    return this.#entry(header, { realName: undefined, realSize: this.#sparseSize, pieces });
  }

  #entry(header: RawHeader, oldSparse?: PaxSparse): HeaderResult {
    const pax = this.#pax;
    const text = (key: string): string | undefined => {
      const value = pax?.get(key);
      return value === undefined || value.length === 0 ? undefined : decodeText(value);
    };
    const number = (key: string): number | undefined => (pax?.has(key) ? parsePaxNumber(text(key) ?? "0") : undefined);
    const time = (key: string) => (text(key) === undefined ? undefined : parsePaxTime(text(key) ?? ""));
    const sparse = oldSparse ?? (pax === undefined ? undefined : paxSparse(pax));
    const name = sparse?.realName ?? this.#longName ?? text("path") ?? header.name;
    const type = entryType(header, name);
    const storedSize = type === "file" ? (number("size") ?? header.size) : 0;
    if (storedSize < 0) throw corruptArchive("an entry has a negative size");
    const link = this.#longLink ?? text("linkpath") ?? header.linkName;
    const mapFollows = sparse !== undefined && sparse.pieces === undefined;
    const size = sparse?.realSize ?? storedSize;
    const entry: TarEntry = {
      name,
      type,
      linkName: type === "symlink" || type === "hardlink" ? link : "",
      mode: header.mode & 0o7777,
      uid: number("uid") ?? header.uid,
      gid: number("gid") ?? header.gid,
      size,
      storedSize,
      mtime: time("mtime") ?? { sec: header.mtime, nsec: 0 },
      atime: time("atime"),
      deviceMajor: header.deviceMajor,
      deviceMinor: header.deviceMinor,
      xattrs: pax === undefined ? undefined : extendedAttributes(pax),
      asWritten: {
        typeFlag: header.typeFlag,
        mode: header.mode,
        size: number("size") ?? header.size,
        linkName: link,
        ctime: time("ctime"),
        moreTimes: header.moreTimes,
      },
      sparse: sparse === undefined ? undefined : mapFollows ? [] : checkPieces(sparse.pieces ?? [], size, storedSize),
    };
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    return { kind: "entry", entry, mapFollows };
  }
}

const GLOBAL_ENTRY: TarEntry = {
  name: "pax_global_header",
  type: "global",
  linkName: "",
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0,
  storedSize: 0,
  mtime: { sec: 0, nsec: 0 },
  atime: undefined,
  deviceMajor: 0,
  deviceMinor: 0,
  xattrs: undefined,
  sparse: undefined,
};

function entryType(header: RawHeader, name: string): TarEntryType {
  const type = TYPES[header.typeFlag];
  if (type === undefined)
    throw corruptArchive(`entry ${JSON.stringify(name.slice(0, 200))} has the unknown type ${JSON.stringify(header.typeFlag)}`);
  // Archives older than ustar mark directories by the slash alone.
  return type === "file" && header.typeFlag === "0" && name.endsWith("/") ? "directory" : type;
}

function extendedAttributes(pax: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Uint8Array> | undefined {
  let found: Map<string, Uint8Array> | undefined;
  for (const [key, value] of pax) {
    if (!key.startsWith("SCHILY.xattr.")) continue;
    found ??= new Map();
    found.set(key.slice("SCHILY.xattr.".length), value);
  }
  return found;
}

function untilNul(body: Buffer): string {
  const nul = body.indexOf(0);
  return decodeText(nul === -1 ? body : body.subarray(0, nul));
}
