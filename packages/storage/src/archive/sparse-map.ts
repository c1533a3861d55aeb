import { decodeName } from "@containers/common/fs/raw-names";
import { BLOCK_SIZE, type SparsePiece } from "./tar-entry.ts";
import { corruptArchive, headerNumber } from "./tar-header.ts";

const MAXIMUM_PIECES = 1_000_000;

/** What the pax headers say of a GNU sparse file, or undefined for any other file. */
export interface PaxSparse {
  readonly realName: string | undefined;
  readonly realSize: number | undefined;
  /** The map where the header has it (0.0, 0.1); undefined for 1.0, whose map stands before the data. */
  readonly pieces: readonly SparsePiece[] | undefined;
}

/** Reads the GNU.sparse.* records. */
export function paxSparse(records: ReadonlyMap<string, Buffer>): PaxSparse | undefined {
  const text = (key: string): string | undefined => (records.has(key) ? decodeName(records.get(key) ?? Buffer.alloc(0)) : undefined);
  const map = text("GNU.sparse.map");
  const version = `${text("GNU.sparse.major") ?? ""}.${text("GNU.sparse.minor") ?? ""}`;
  if (version !== "1.0" && map === undefined) return undefined;
  const size = text("GNU.sparse.realsize") ?? text("GNU.sparse.size");
  return {
    realName: text("GNU.sparse.name"),
    realSize: size === undefined ? undefined : decimal(size),
    pieces: version === "1.0" ? undefined : pairs((map ?? "").split(",").map(decimal)),
  };
}

/** Collects the map that stands before the data of a pax 1.0 sparse file: decimal lines, padded to a block. */
export class LeadingSparseMap {
  #text = "";
  #blocks = 0;

  /** Takes one 512-byte block; the pieces once the map is complete. */
  add(block: Buffer): readonly SparsePiece[] | undefined {
    this.#text += block.toString("latin1", 0, BLOCK_SIZE);
    this.#blocks++;
    const lines = this.#text.split("\n");
    const count = lines.length > 1 ? decimal(lines[0] ?? "") : undefined;
    if (count !== undefined && lines.length - 1 >= 1 + 2 * count) return pairs(lines.slice(1, 1 + 2 * count).map(decimal));
    if (this.#blocks > 4096) throw corruptArchive("a sparse map does not end");
    return undefined;
  }

  /** Bytes of the map so far. */
  get length(): number {
    return this.#blocks * BLOCK_SIZE;
  }
}

/** The up to `count` pairs of an old GNU sparse header block, and whether another block of 21 follows. */
export function oldGnuPieces(block: Buffer, start: number, count: number): { pieces: SparsePiece[]; more: boolean } {
  const pieces: SparsePiece[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * 24;
    if (block[at] === 0) break;
    pieces.push({ offset: headerNumber(block, at, 12), length: headerNumber(block, at + 12, 12) });
  }
  return { pieces, more: (block[start + count * 24] ?? 0) !== 0 };
}

/** Checks that pieces are ordered, do not overlap, lie inside the file and add up to the stored bytes. */
export function checkPieces(pieces: readonly SparsePiece[], realSize: number, storedSize: number): readonly SparsePiece[] {
  if (pieces.length > MAXIMUM_PIECES) throw corruptArchive("a sparse map is too long");
  let end = 0;
  let stored = 0;
  for (const piece of pieces) {
    if (piece.offset < end || piece.length < 0 || piece.offset + piece.length > realSize)
      throw corruptArchive("a sparse map is inconsistent");
    end = piece.offset + piece.length;
    stored += piece.length;
  }
  if (stored !== storedSize) throw corruptArchive("a sparse map does not match its data");
  return pieces;
}

function pairs(numbers: readonly number[]): SparsePiece[] {
  if (numbers.length % 2 !== 0) throw corruptArchive("a sparse map has an odd number of values");
  const pieces: SparsePiece[] = [];
  for (let index = 0; index < numbers.length; index += 2) pieces.push({ offset: numbers[index] ?? 0, length: numbers[index + 1] ?? 0 });
  return pieces;
}

function decimal(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw corruptArchive("a sparse map holds an invalid number");
  return Number(text);
}
