import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { compressionNumber, decompress, detectCompression } from "../archive/compression.ts";
import { FileTwins } from "../archive/file-twins.ts";
import { TarReader } from "../archive/read-tar.ts";
import type { TarEntry, TarSink } from "../archive/tar-entry.ts";
import { gzipMembersTo, TarSplitWriter } from "../archive/tar-split-writer.ts";
import { unpackGuard } from "../archive/unpack-limit.ts";
import { WHITEOUT_PREFIX } from "../archive/whiteouts.ts";
import { TocCollector } from "../chunked/toc-collector.ts";
import type { StagedFiles } from "../drivers/driver.ts";
import { createTempDir, type TempDir } from "../staging/temp-dirs.ts";
import type { ByteStream, StagedLayer, StageLayerOptions } from "../store.ts";
import { type LayerContext, STAGED_TAR_SPLIT } from "./layer-context.ts";

/** A staged layer as this package keeps it: the public view, and where it is. */
export interface StagedLayerFiles extends StagedLayer {
  readonly bin: TempDir;
  readonly compression: number;
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly toc: Uint8Array | undefined;
  readonly options: StageLayerOptions;
}

/**
 * Reads a layer's archive once: hashes it as it comes and uncompressed, makes its files in a temporary directory, and writes its tar-split
 * data. Takes no lock; a kill leaves a temporary directory that the next process removes.
 */
export async function stageLayer(context: LayerContext, options: StageLayerOptions, tar: ByteStream): Promise<StagedLayerFiles> {
  // What a killed pull left goes before another begins: the space may be needed.
  context.beforeUse();
  const bin = createTempDir(context.sys, context.driver.tempRoot);
  try {
    return { bin, options, ...(await readLayer(context, { bin, options, tar })), discard: () => bin.discard() };
  } catch (error) {
    bin.discard();
    throw error;
  }
}

interface LayerFacts {
  readonly compressedDigest: string;
  readonly compressedSize: number;
  readonly diffDigest: string;
  readonly diffSize: number;
  readonly compression: number;
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  /** The layer's table of contents: its own, or one that was made for it. */
  readonly toc: Uint8Array | undefined;
}

async function readLayer(context: LayerContext, job: { bin: TempDir; options: StageLayerOptions; tar: ByteStream }): Promise<LayerFacts> {
  const { bin, options, tar } = job;
  const { compression, stream } = await detectCompression(tar);
  const compressedHash = new Bun.CryptoHasher("sha256");
  let compressedSize = 0;
  const counted = (async function* () {
    for await (const chunk of stream) {
      compressedHash.update(chunk);
      compressedSize += chunk.length;
      yield chunk;
    }
  })();
  const diffHash = compression === "none" ? undefined : new Bun.CryptoHasher("sha256");
  let diffSize = 0;
  const checkUnpacked = unpackGuard();
  const tarSplitFd = fs.openSync(path.join(bin.path, STAGED_TAR_SPLIT), "wx", 0o600);
  const { origin } = options;
  const twins = origin === undefined ? undefined : new FileTwins(context.sys, origin.twin, context.pullOptions.useHardLinks);
  const files = context.driver.stage(bin, { idMappings: options.idMappings, twins });
  try {
    const tarSplit = new TarSplitWriter(gzipMembersTo(tarSplitFd));
    const { enablePartialImages, convertImages } = context.pullOptions;
    const collector = origin === undefined && enablePartialImages && convertImages ? new TocCollector() : undefined;
    const sink = new LayerSink(tarSplit, files, { origin, collector });
    const reader = new TarReader(sink);
    for await (const chunk of decompress(counted, compression)) {
      diffHash?.update(chunk);
      diffSize += chunk.length;
      checkUnpacked(compressedSize, diffSize);
      reader.push(chunk);
    }
    reader.finish();
    origin?.checkComplete();
    files.finish();
    tarSplit.finish();
    const compressedDigest = `sha256:${compressedHash.digest("hex")}`;
    const diffDigest = diffHash === undefined ? compressedDigest : `sha256:${diffHash.digest("hex")}`;
    verify("layer blob", compressedDigest, options.expectedDigest);
    verify("uncompressed layer", diffDigest, options.expectedDiffId);
    const number = compressionNumber(compression);
    return {
      compressedDigest,
      compressedSize,
      diffDigest,
      diffSize,
      compression: number,
      ...sink.owners(),
      toc: origin?.tocJson ?? collector?.json(),
    };
  } finally {
    files.close();
    fs.closeSync(tarSplitFd);
  }
}

function verify(what: string, actual: string, expected: string | undefined): void {
  if (expected === undefined || expected === actual || !expected.startsWith("sha256:")) return;
  throw new ToolError("corrupt", `${what} has digest ${actual}, expected ${expected}`, { code: "digest-mismatch" });
}

/** Gives every entry to the tar-split data and to the files, and notes whose they are. */
class LayerSink implements TarSink {
  readonly #tarSplit: TarSplitWriter;
  readonly #files: StagedFiles;
  readonly #origin: StageLayerOptions["origin"];
  readonly #collector: TocCollector | undefined;
  readonly #uids = new Set<number>();
  readonly #gids = new Set<number>();

  constructor(
    tarSplit: TarSplitWriter,
    files: StagedFiles,
    watchers: { readonly origin: StageLayerOptions["origin"]; readonly collector: TocCollector | undefined },
  ) {
    this.#tarSplit = tarSplit;
    this.#files = files;
    this.#origin = watchers.origin;
    this.#collector = watchers.collector;
  }

  raw(bytes: Uint8Array): void {
    this.#tarSplit.raw(bytes);
    this.#files.raw(bytes);
  }

  entry(entry: TarEntry): void {
    this.#origin?.check(entry);
    this.#collector?.entry(entry);
    this.#tarSplit.entry(entry);
    this.#files.entry(entry);
    if (entry.type === "global" || entry.name.slice(entry.name.lastIndexOf("/") + 1).startsWith(WHITEOUT_PREFIX)) return;
    this.#uids.add(entry.uid);
    this.#gids.add(entry.gid);
  }

  data(bytes: Uint8Array, position: number): void {
    this.#tarSplit.data(bytes);
    this.#files.data(bytes, position);
    this.#collector?.data(bytes);
  }

  endEntry(): void {
    this.#tarSplit.endEntry();
    this.#files.endEntry();
    this.#collector?.endEntry();
  }

  owners(): { uids: readonly number[]; gids: readonly number[] } {
    const sorted = (ids: ReadonlySet<number>): number[] => [...ids].sort((left, right) => left - right);
    return { uids: sorted(this.#uids), gids: sorted(this.#gids) };
  }
}
