import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import { decompress } from "../archive/compression.ts";
import type { TarEntry } from "../archive/tar-entry.ts";
import { fileName } from "../archive/tar-split-reader.ts";
import { unpackGuard } from "../archive/unpack-limit.ts";
import type { ByteStream, LayerStore } from "../store.ts";
import { parseChunkedAnnotations } from "./annotations.ts";
import { MAXIMUM_CHUNK } from "./content-splitter.ts";
import { indexContents, type LocalPiece, readPiece } from "./local-contents.ts";
import { type ChunkedContents, decompressExactly, openChunked, type ReadRanges, verifyDigest } from "./open-chunked.ts";
import { digestsOf, type FilePlan, filesOf, type PieceSource, planContents, rangesToFetch } from "./plan-contents.ts";
import { RangeReader } from "./range-reader.ts";
import { describeEntry, differsIn, type TocEntry } from "./toc.ts";

/** A layer's archive put together out of what is here and what had to be fetched. */
export interface PartialLayer {
  /** The archive, from the first byte to the last. Its consumer verifies it by the diff id. */
  readonly stream: ByteStream;
  readonly tocDigest: string;
  readonly tocJson: Uint8Array;
  /** Bytes of the blob that are fetched. */
  readonly fetched: number;
  /** Throws `corrupt` unless the table of contents says the same of this entry of the archive; ask for each one. */
  check(entry: TarEntry): void;
  /** Throws `corrupt` when the table has entries that were not asked for. */
  checkComplete(): void;
  /** The file of another layer that has the same contents. */
  twin(name: string): LocalPiece | undefined;
}

const ZERO_BLOCK = Buffer.alloc(256 << 10);

/**
 * Prepares a layer that is fetched in parts. The archive is made again from its tar-split data, so that it is unpacked, hashed and kept in the same
 * way as any other: the table of contents only decides where the files' contents come from, and is refused when it tells of other files than
 * the archive. Undefined for a layer that has none. Throws `corrupt`, or an error with the code `not-partial` for a layer that is to be fetched
 * as a whole.
 */
export async function openPartialLayer(
  sys: Sys,
  layers: Pick<LayerStore, "list" | "bigData" | "diffPath">,
  blob: { readonly annotations: Readonly<Record<string, string>>; readonly size: number; readonly read: ReadRanges },
): Promise<PartialLayer | undefined> {
  const location = parseChunkedAnnotations(blob.annotations, blob.size);
  if (location === undefined) return undefined;
  const contents = await openChunked(location, blob.read);
  const files = filesOf(contents.toc);
  const local = indexContents(sys, layers, digestsOf(contents.toc));
  const plans = await planContents({ files, end: location.toc.offset, local }, contents.tarSplit());
  unpackGuard()(
    blob.size,
    plans.reduce((sum, plan) => sum + plan.size, 0),
  );
  const ranges = rangesToFetch(plans);
  const pending = new Map<string, TocEntry>([...files].map(([name, { entry }]) => [name, entry]));
  const twins = new Map(
    plans.flatMap(({ name, pieces: [first] }) => (first?.kind === "local" && first.place.whole ? [[name, first.place]] : [])),
  );
  return {
    stream: assemble(sys, contents, { plans, reader: new RangeReader(ranges, blob.read) }),
    tocDigest: location.tocDigest,
    tocJson: contents.tocJson,
    fetched: ranges.reduce((sum, range) => sum + range.length, 0),
    check: (entry) => checkEntry(pending, entry),
    checkComplete() {
      const [left] = pending.keys();
      if (left !== undefined)
        throw new ToolError("corrupt", `TOC contains entries not present in tar-split, incl. ${JSON.stringify(left.slice(0, 200))}`);
    },
    twin: (name) => twins.get(name),
  };
}

function checkEntry(pending: Map<string, TocEntry>, entry: TarEntry): void {
  const described = describeEntry(entry);
  const expected = pending.get(entry.name);
  const name = JSON.stringify(entry.name.slice(0, 200));
  if (described === undefined || expected === undefined)
    throw new ToolError("corrupt", `tar-split contains an entry for ${name} missing in TOC`);
  pending.delete(entry.name);
  const key = differsIn(described, expected);
  if (key !== undefined) throw new ToolError("corrupt", `TOC and tar-split metadata of ${name} doesn't match: mismatch of ${key}`);
}

async function* assemble(
  sys: Sys,
  contents: ChunkedContents,
  work: { readonly plans: readonly FilePlan[]; readonly reader: RangeReader },
): ByteStream {
  const { plans, reader } = work;
  let next = 0;
  try {
    for await (const line of contents.tarSplit()) {
      if (line.type === 2) yield Buffer.from(line.payload ?? "", "base64");
      else if (line.type === 1 && (line.size ?? 0) > 0) {
        const plan = plans[next++];
        if (plan === undefined || plan.name !== fileName(line)) throw new ToolError("internal", "the plan of a layer does not fit it");
        yield* fileContents(sys, plan, reader);
      }
    }
  } finally {
    await reader.close();
  }
}

async function* fileContents(sys: Sys, plan: FilePlan, reader: RangeReader): ByteStream {
  const hash = new Bun.CryptoHasher("sha256");
  let size = 0;
  for (const piece of plan.pieces) {
    for await (const bytes of pieceContents(sys, piece, reader)) {
      hash.update(bytes);
      size += bytes.length;
      if (size > plan.size) break;
      yield bytes;
    }
  }
  const digest = `sha256:${hash.digest("hex")}`;
  if (size === plan.size && digest === plan.digest) return;
  throw new ToolError("corrupt", `${JSON.stringify(plan.name.slice(0, 200))} has digest ${digest}, expected ${plan.digest}`, {
    code: "digest-mismatch",
  });
}

async function* pieceContents(sys: Sys, piece: PieceSource, reader: RangeReader): ByteStream {
  if (piece.kind === "local") yield* readPiece(sys, piece.place, piece.size);
  else if (piece.kind === "zeros")
    for (let left = piece.size; left > 0; left -= ZERO_BLOCK.length) yield ZERO_BLOCK.subarray(0, Math.min(left, ZERO_BLOCK.length));
  else if (Math.max(piece.size, piece.range.length) > 2 * MAXIMUM_CHUNK) yield* decompress(reader.stream(piece.range), "zstd");
  else {
    const plain = decompressExactly(await reader.take(piece.range), piece.size, "a chunk");
    verifyDigest("a chunk", plain, piece.digest);
    yield plain;
  }
}
