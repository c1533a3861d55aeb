import { ToolError } from "@containers/common/errors/tool-error";
import { fileName, type TarSplitLine } from "../archive/tar-split-reader.ts";
import { type BlobRange, within } from "./annotations.ts";
import type { LocalContents, LocalPiece } from "./local-contents.ts";
import { type Toc, type TocEntry, ZEROS } from "./toc.ts";

/** Where one piece of a file's contents comes from. */
export type PieceSource =
  | { readonly kind: "local"; readonly place: LocalPiece; readonly size: number }
  | { readonly kind: "zeros"; readonly size: number }
  | { readonly kind: "remote"; readonly range: BlobRange; readonly size: number; readonly digest: string };

/** One file's contents. */
export interface FilePlan {
  readonly name: string;
  readonly size: number;
  readonly digest: string;
  readonly pieces: readonly PieceSource[];
}

/** A file or chunk as the table of contents has it. */
interface Piece {
  readonly range: BlobRange;
  readonly size: number;
  readonly digest: string;
  readonly zeros: boolean;
}

interface TocFile {
  readonly entry: TocEntry;
  readonly chunks: readonly TocEntry[];
}

/** The parts of a table of contents by name; throws `corrupt` for a name that is there twice or chunks without a file. */
export function filesOf(toc: Toc): ReadonlyMap<string, TocFile> {
  const files = new Map<string, { readonly entry: TocEntry; readonly chunks: TocEntry[] }>();
  let last: { readonly entry: TocEntry; readonly chunks: TocEntry[] } | undefined;
  for (const entry of toc.entries) {
    if (entry.type === "chunk") {
      if (last?.entry.type !== "reg" || last.entry.name !== entry.name) throw inconsistent(entry.name, "a chunk without a file");
      last.chunks.push(entry);
      continue;
    }
    if (files.has(entry.name)) throw inconsistent(entry.name, "duplicate entries");
    last = { entry, chunks: [] };
    files.set(entry.name, last);
  }
  return files;
}

/** Digests of all files and chunks, which may be found elsewhere. */
export function digestsOf(toc: Toc): ReadonlySet<string> {
  return new Set(toc.entries.flatMap((entry) => [entry.digest ?? "", entry.chunkDigest ?? ""]).filter((digest) => digest !== ""));
}

/**
 * Decides, for each file of the archive in its order, where its contents come from. `end` is where contents end in the blob. Throws `corrupt` for
 * places outside of that, out of order or overlapping, and for sizes that contradict each other.
 */
export async function planContents(
  job: { readonly files: ReadonlyMap<string, TocFile>; readonly end: number; readonly local: LocalContents },
  lines: AsyncIterable<TarSplitLine>,
): Promise<readonly FilePlan[]> {
  const plans: FilePlan[] = [];
  let cursor = 1;
  for await (const line of lines) {
    const size = line.size ?? 0;
    if (line.type !== 1 || size === 0) continue;
    const name = fileName(line);
    const file = job.files.get(name);
    if (file?.entry.type !== "reg" || file.entry.size !== size) throw inconsistent(name, "its size differs");
    const digest = requireDigest(name, file.entry.digest);
    const pieces = piecesOf(file, digest);
    for (const { range } of pieces) {
      if (range.offset < cursor) throw inconsistent(name, "its contents overlap with others or are out of order");
      cursor = within(range, job.end, `the content of ${JSON.stringify(name)}`).offset + range.length;
    }
    const whole = job.local.find(digest, size);
    plans.push({
      name,
      size,
      digest,
      pieces: whole === undefined ? pieces.map((piece) => sourceOf(piece, job.local)) : [{ kind: "local", place: whole, size }],
    });
  }
  return plans;
}

/** Ranges to fetch, with small gaps closed: each range of its own costs a line of the request and a head in the answer. */
export function rangesToFetch(plans: readonly FilePlan[]): readonly BlobRange[] {
  const wanted = plans.flatMap((plan) => plan.pieces.flatMap((piece) => (piece.kind === "remote" ? [piece.range] : [])));
  for (let gap = 1 << 10; ; gap *= 4) {
    const merged = mergeRanges(wanted, gap);
    if (merged.length <= MAXIMUM_RANGES) return merged;
  }
}

const MAXIMUM_RANGES = 1 << 10;

function mergeRanges(ranges: readonly BlobRange[], gap: number): readonly BlobRange[] {
  const merged: BlobRange[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && range.offset - (last.offset + last.length) <= gap)
      merged[merged.length - 1] = { offset: last.offset, length: range.offset + range.length - last.offset };
    else merged.push(range);
  }
  return merged;
}

function sourceOf(piece: Piece, local: LocalContents): PieceSource {
  const { size, digest, range } = piece;
  if (piece.zeros) return { kind: "zeros", size };
  const place = local.find(digest, size);
  return place === undefined ? { kind: "remote", range, size, digest } : { kind: "local", place, size };
}

function piecesOf(file: TocFile, digest: string): readonly Piece[] {
  const { entry, chunks } = file;
  const { name } = entry;
  const rows = [entry, ...chunks];
  let place = 0;
  const pieces = rows.map((row, index): Piece => {
    const offset = row.offset ?? 0;
    const end = rows[index + 1]?.offset ?? entry.endOffset ?? 0;
    const size = chunks.length === 0 ? (entry.size ?? 0) : (row.chunkSize ?? 0);
    if (size === 0 || end <= offset) throw inconsistent(name, "an empty chunk");
    if ((row.chunkOffset ?? 0) !== place) throw inconsistent(name, "its chunks do not follow each other");
    place += size;
    const range = { offset, length: end - offset };
    const zeros = row.chunkType === ZEROS;
    return { range, size, digest: chunks.length === 0 ? digest : requireDigest(name, row.chunkDigest), zeros };
  });
  if (place !== entry.size) throw inconsistent(name, "its chunks do not add up to its size");
  return pieces;
}

function requireDigest(name: string, digest: string | undefined): string {
  if (digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw inconsistent(name, "it has no valid digest");
}

function inconsistent(name: string, why: string): ToolError {
  return new ToolError("corrupt", `tar-split and TOC data is inconsistent: ${JSON.stringify(name.slice(0, 200))}: ${why}`);
}
