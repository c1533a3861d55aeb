import { ToolError } from "@containers/common/errors/tool-error";

/** Digest of the compressed table of contents: what all else is verified by. */
export const TOC_DIGEST_KEY = "io.github.containers.zstd-chunked.manifest-checksum";
const TOC_POSITION_KEY = "io.github.containers.zstd-chunked.manifest-position";
const TAR_SPLIT_POSITION_KEY = "io.github.containers.zstd-chunked.tarsplit-position";
/** eStargz's: a layer with both is refused, because readers could disagree on its contents. */
const STARGZ_DIGEST_KEY = "containerd.io/snapshot/stargz/toc.digest";
/** The kind of table that this format has. */
const TOC_TYPE = 1;

/** A part of a blob. */
export interface BlobRange {
  readonly offset: number;
  readonly length: number;
}

/** Where a layer's descriptor says that its table of contents and its tar-split data are. */
export interface ChunkedLocation {
  readonly tocDigest: string;
  readonly toc: BlobRange;
  readonly tocSize: number;
  /** Undefined in layers of old writers. */
  readonly tarSplit: BlobRange | undefined;
  readonly tarSplitSize: number;
}

type Annotations = Readonly<Record<string, string>>;

/** True for keys that describe one blob and are wrong for any other with the same contents. */
export function isChunkedAnnotation(key: string): boolean {
  return key === TOC_DIGEST_KEY || key === TOC_POSITION_KEY || key === TAR_SPLIT_POSITION_KEY || key === STARGZ_DIGEST_KEY;
}

/** The annotations that hold for other bytes with the same contents too. */
export function withoutChunked(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !isChunkedAnnotation(key)));
}

/** The annotations that hold for these bytes alone. */
export function chunkedOnly(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => isChunkedAnnotation(key)));
}

/** The annotations of a blob that was written so. */
export function chunkedAnnotations(location: ChunkedLocation & { readonly tarSplit: BlobRange }): Record<string, string> {
  const { toc, tarSplit } = location;
  return {
    [TOC_DIGEST_KEY]: location.tocDigest,
    [TOC_POSITION_KEY]: `${toc.offset}:${toc.length}:${location.tocSize}:${TOC_TYPE}`,
    [TAR_SPLIT_POSITION_KEY]: `${tarSplit.offset}:${tarSplit.length}:${location.tarSplitSize}`,
  };
}

/** Reads a layer's annotations; undefined for a layer without a table of contents. Throws `corrupt` for what contradicts itself or the blob's size. */
export function parseChunkedAnnotations(annotations: Annotations, blobSize: number): ChunkedLocation | undefined {
  const tocDigest = annotations[TOC_DIGEST_KEY];
  if (tocDigest === undefined) return undefined;
  if (annotations[STARGZ_DIGEST_KEY] !== undefined) throw new ToolError("corrupt", "both zstd:chunked and eStargz TOC found");
  if (!/^sha256:[0-9a-f]{64}$/.test(tocDigest)) throw new ToolError("corrupt", `invalid TOC digest ${JSON.stringify(tocDigest)}`);
  const [offset = 0, length = 0, tocSize = 0, type] = numbers(annotations, TOC_POSITION_KEY, 4);
  if (type !== TOC_TYPE) throw new ToolError("corrupt", "invalid type of TOC");
  const toc = within({ offset, length }, blobSize, "the TOC");
  if (annotations[TAR_SPLIT_POSITION_KEY] === undefined) return { tocDigest, toc, tocSize, tarSplit: undefined, tarSplitSize: 0 };
  const [splitOffset = 0, splitLength = 0, tarSplitSize = 0] = numbers(annotations, TAR_SPLIT_POSITION_KEY, 3);
  const tarSplit = within({ offset: splitOffset, length: splitLength }, blobSize, "the tar-split data");
  return { tocDigest, toc, tocSize, tarSplit, tarSplitSize };
}

/** Throws `corrupt` unless the range lies inside the blob. */
export function within(range: BlobRange, blobSize: number, what: string): BlobRange {
  const { offset, length } = range;
  if (offset > 0 && length > 0 && offset + length <= blobSize) return range;
  throw new ToolError("corrupt", `${what} would be at ${offset}+${length}, outside of the blob of ${blobSize} bytes`);
}

function numbers(annotations: Annotations, key: string, count: number): readonly number[] {
  const value = annotations[key] ?? "";
  const parts = value.split(":");
  if (parts.length === count && parts.every((part) => /^\d{1,15}$/.test(part))) return parts.map(Number);
  throw new ToolError("corrupt", `annotation ${key} is ${JSON.stringify(value.slice(0, 100))}, not ${count} numbers`);
}
