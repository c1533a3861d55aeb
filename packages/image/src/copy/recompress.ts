import { type ByteStream, ownMemory } from "@containers/common/digest/byte-stream";
import { isEncrypted } from "../encryption/layer-crypt.ts";
import { type Compression, layerTypeWith } from "../manifest/media-types.ts";
import { compress, decompress, sniffCompression } from "./compression.ts";

export interface CompressionChoice {
  /** Format for layers that are compressed by us. */
  readonly format?: "gzip" | "zstd";
  readonly level?: number;
  /** Also layers that are compressed otherwise already. */
  readonly force?: boolean;
}

export interface RecompressedLayer {
  readonly stream: ByteStream;
  /** True when the bytes differ from the source's, so that digest and size must be taken anew. */
  readonly changed: boolean;
  /** True when the source's bytes were the plain tar. */
  readonly fromPlain: boolean;
  readonly mediaType: string;
}

/** Brings a layer's stream into the form that the destination wants; `mediaType` is the source's. Pieces that are `borrowed` are copied where that is needed. */
export async function recompressLayer(
  stream: ByteStream,
  mediaType: string,
  wanted: { readonly form: "preserve" | "compress" | "decompress"; readonly choice: CompressionChoice; readonly borrowed?: boolean },
): Promise<RecompressedLayer> {
  const { form, choice } = wanted;
  // Nothing shrinks what is encrypted.
  if (isEncrypted(mediaType) || (form === "preserve" && choice.force !== true))
    return { stream, changed: false, fromPlain: false, mediaType };
  const sniffed = await sniffCompression(stream);
  const target = targetOf(sniffed.compression, form, choice);
  const type = layerTypeWith(mediaType, target);
  if (target === sniffed.compression || type === undefined) return { stream: sniffed.stream, changed: false, fromPlain: false, mediaType };
  const owned = wanted.borrowed === true ? ownMemory(sniffed.stream) : sniffed.stream;
  const plain = await decompress(owned, sniffed.compression);
  const packed = target === "gzip" || target === "zstd" ? await compress(plain, target, choice.level) : plain;
  return { stream: packed, changed: true, fromPlain: sniffed.compression === "none" && target !== "none", mediaType: type };
}

/** The compression that a layer ends up with. */
function targetOf(current: Compression, form: "preserve" | "compress" | "decompress", choice: CompressionChoice): Compression {
  if (form === "decompress") return "none";
  if (current === "none") return form === "compress" ? (choice.format ?? "gzip") : current;
  return choice.force === true && choice.format !== undefined ? choice.format : current;
}
