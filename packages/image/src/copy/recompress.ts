import { type ByteStream, ownMemory } from "@containers/common/digest/byte-stream";
import { isEncrypted } from "../encryption/layer-crypt.ts";
import { type Compression, layerTypeWith } from "../manifest/media-types.ts";
import { compress, decompress, sniffCompression } from "./compression.ts";

/** What layers can be compressed as; `zstd:chunked` is zstd with a table of contents, of which parts can be fetched. */
export type CompressionFormat = "gzip" | "zstd" | "zstd:chunked";

export interface CompressionChoice {
  /** Format for layers that are compressed by us. */
  readonly format?: CompressionFormat;
  readonly level?: number;
  /** Layers that are there in another compression already do not serve. */
  readonly force?: boolean;
  /** Somebody asked for this very format: layers that come compressed otherwise are compressed anew. */
  readonly named?: boolean;
}

export interface RecompressedLayer {
  readonly stream: ByteStream;
  /** True when the bytes differ from the source's, so that digest and size must be taken anew. */
  readonly changed: boolean;
  /** True when the source's bytes were the plain tar. */
  readonly fromPlain: boolean;
  readonly mediaType: string;
  /** What the descriptor is to say of it; known when the stream has ended. */
  readonly annotations: () => Readonly<Record<string, string>>;
}

const nothing = (): Readonly<Record<string, string>> => ({});

/**
 * Brings a layer's stream into the form that the destination wants; `mediaType` is the source's, `isChunked` whether it has a table of contents.
 * `borrowed`: pieces of both streams are used before the next is asked for; those that come are copied where that is needed.
 */
export async function recompressLayer(
  stream: ByteStream,
  mediaType: string,
  wanted: {
    readonly form: "preserve" | "compress" | "decompress";
    readonly choice: CompressionChoice;
    readonly borrowed?: boolean;
    readonly isChunked?: boolean;
  },
): Promise<RecompressedLayer> {
  const { form, choice } = wanted;
  // Nothing shrinks what is encrypted.
  if (isEncrypted(mediaType) || form === "preserve") return { stream, changed: false, fromPlain: false, mediaType, annotations: nothing };
  const sniffed = await sniffCompression(stream);
  const target = targetOf(sniffed.compression, form, choice);
  const type = layerTypeWith(mediaType, target);
  const chunked = target === "zstd" && choice.format === "zstd:chunked" && (sniffed.compression === "none" || changesOthers(choice));
  const fits = target === sniffed.compression && (!chunked || wanted.isChunked === true);
  if (fits || type === undefined) return { stream: sniffed.stream, changed: false, fromPlain: false, mediaType, annotations: nothing };
  // Only what is cut into gzip blocks is copied anyway, before the next piece is asked for.
  const isCut = sniffed.compression === "none" && target === "gzip";
  const owned = wanted.borrowed === true && !isCut ? ownMemory(sniffed.stream) : sniffed.stream;
  const plain = await decompress(owned, sniffed.compression);
  const result = { changed: true, fromPlain: sniffed.compression === "none" && target !== "none", mediaType: type };
  if (chunked) return { ...result, ...(await compressChunked(plain, choice.level)) };
  const packed =
    target === "gzip" || target === "zstd" ? await compress(plain, target, { level: choice.level, borrowed: wanted.borrowed }) : plain;
  return { ...result, stream: packed, annotations: nothing };
}

async function compressChunked(plain: ByteStream, level: number | undefined): Promise<Pick<RecompressedLayer, "stream" | "annotations">> {
  const { writeChunked } = await import("@containers/storage/chunked/write-chunked");
  let annotations = nothing();
  const stream = writeChunked(plain, {
    level,
    done: (written) => {
      annotations = written;
    },
  });
  return { stream, annotations: () => annotations };
}

/** The compression that a layer ends up with. */
function targetOf(current: Compression, form: "preserve" | "compress" | "decompress", choice: CompressionChoice): Compression {
  if (form === "decompress") return "none";
  const format = choice.format === "zstd:chunked" ? "zstd" : choice.format;
  if (current === "none") return form === "compress" ? (format ?? "gzip") : current;
  return changesOthers(choice) && format !== undefined ? format : current;
}

function changesOthers(choice: CompressionChoice): boolean {
  return choice.force === true || choice.named === true;
}
