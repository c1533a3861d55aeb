import type { ByteStream } from "@containers/common/digest/byte-stream";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { isChunkedAnnotation, withoutChunked } from "@containers/storage/chunked/annotations";
import { decryptedType, ENCRYPTED_SUFFIX, isEncrypted, plainAnnotations } from "../encryption/layer-crypt.ts";
import { layerCompressionOf, layerTypeWith } from "../manifest/media-types.ts";
import type { BlobInfo, ImageDestination, ImageSource, PutBlobOptions } from "../transports/transport.ts";
import type { BlobInfoCache } from "./blob-info-cache.ts";
import type { CopyOptions } from "./copy-options.ts";
import type { BlobProgress, ProgressSink } from "./progress.ts";
import { type CompressionChoice, recompressLayer } from "./recompress.ts";
import type { Semaphore } from "./semaphore.ts";

/** Mounts that are tried for one blob: each costs a request. */
const MOUNT_CANDIDATES = 3;

/** What every blob of one copy shares. */
export interface BlobCopy {
  readonly source: ImageSource;
  readonly destination: ImageDestination;
  readonly options: CopyOptions;
  readonly progress: ProgressSink;
  /** How layers should end up; `preserve` when the manifest must not change. */
  readonly form: "preserve" | "compress" | "decompress";
  readonly cache: BlobInfoCache;
  /** Compressing is work for a processor each: more at once only takes memory. */
  readonly compressors: Semaphore;
  /** Positions of the layers to encrypt. */
  readonly toEncrypt: ReadonlySet<number>;
}

/** Copies one layer, unless the destination has it. The result is what the manifest must name. */
export async function copyLayer(copy: BlobCopy, layer: BlobInfo, put: PutBlobOptions, signal: AbortSignal): Promise<BlobInfo> {
  signal.throwIfAborted();
  const reused = await reuseLayer(copy, layer, put);
  if (reused !== undefined) {
    copy.progress.start("blob", layer).done("skipped: already exists");
    return reused;
  }
  const bar = copy.progress.start("blob", layer);
  try {
    const stored = await sendLayer(copy, layer, put, countingStream(bar, signal));
    bar.done();
    return stored;
  } catch (error) {
    bar.failed();
    if (signal.aborted) throw new ToolError("cancelled", `copying blob ${layer.digest}: cancelled`);
    const damage = isMismatch(error) ? await copy.source.findDamage?.(layer) : undefined;
    throw wrapError(`copying blob ${layer.digest}`, damage ?? error);
  }
}

function isMismatch(error: unknown): boolean {
  return error instanceof ToolError && (error.code === "digest-mismatch" || error.code === "size-mismatch");
}

/** A layer that is there already needs no sending, as long as it is there in the form that is wanted. */
async function reuseLayer(copy: BlobCopy, layer: BlobInfo, put: PutBlobOptions): Promise<BlobInfo | undefined> {
  const { destination } = copy;
  if (cryptOf(copy, layer, put) !== undefined) return undefined;
  const choice = copy.options.compression ?? {};
  const recompressing = choice.force === true && copy.form !== "preserve";
  if (!recompressing && !(copy.form === "compress" && isPlain(layer))) {
    const same = await destination.tryReuseBlob(layer, withKnownPlaces(copy, layer, put));
    if (same !== undefined) return same;
  }
  if (copy.form !== "compress" || (recompressing && !isPlain(layer))) return undefined;
  for (const variant of (await variantsOf(copy, layer)).filter((one) => isWanted(one, choice))) {
    const found = await destination.tryReuseBlob(variant, withKnownPlaces(copy, variant, put));
    if (found !== undefined) return { ...variant, ...found };
  }
  return undefined;
}

/** Whether a compressed form is what was asked for; where nothing is forced, any is. */
function isWanted(variant: BlobInfo, choice: CompressionChoice): boolean {
  if (choice.force !== true || choice.format === undefined) return true;
  const compression = layerCompressionOf(variant.mediaType ?? "");
  if (choice.format === "gzip") return compression === "gzip";
  const isChunked = Object.keys(variant.annotations ?? {}).some(isChunkedAnnotation);
  return compression === "zstd" && isChunked === (choice.format === "zstd:chunked");
}

async function variantsOf(copy: BlobCopy, layer: BlobInfo): Promise<readonly BlobInfo[]> {
  const fromSource = (await copy.source.compressedVariants?.(layer)) ?? [];
  const known = copy.cache.compressedForms(layer.digest).flatMap((form) => {
    const mediaType =
      form.mediaType === undefined ? undefined : layerTypeWith(layer.mediaType ?? "", layerCompressionOf(form.mediaType) ?? "none");
    return mediaType === undefined ? [] : [{ ...form, mediaType }];
  });
  return [...fromSource, ...known.filter((form) => !fromSource.some((other) => other.digest === form.digest))];
}

function withKnownPlaces(copy: BlobCopy, layer: BlobInfo, put: PutBlobOptions): PutBlobOptions {
  const domain = copy.destination.reference.transport === "docker" ? copy.destination.reference.dockerReference?.domain : undefined;
  return domain === undefined
    ? put
    : { ...put, knownRepositories: copy.cache.repositories(layer.digest, domain).slice(0, MOUNT_CANDIDATES) };
}

async function sendLayer(
  copy: BlobCopy,
  layer: BlobInfo,
  put: PutBlobOptions,
  count: (stream: ByteStream) => ByteStream,
): Promise<BlobInfo> {
  const { source, destination } = copy;
  const crypt = cryptOf(copy, layer, put);
  const partial = crypt === undefined ? await sendPartially(copy, layer, put, count) : undefined;
  if (partial !== undefined) return partial;
  // Ciphers keep pieces until there is enough for a block.
  const borrowed = destination.takesBorrowed === true && crypt === undefined;
  const opened = await source.blob(layer, { borrowed, wholeIsVerified: true });
  if (layer.size >= 0 && opened.size >= 0 && opened.size !== layer.size) {
    throw new ToolError("corrupt", `size mismatch, the manifest says ${layer.size} bytes, the source has ${opened.size}`, {
      code: "size-mismatch",
    });
  }
  const size = layer.size >= 0 ? layer.size : opened.size;
  const counted = count(opened.stream);
  // A destination that hashes anyway need not be fed by a second hasher.
  const unchanged = copy.form === "preserve" && crypt === undefined;
  if (unchanged && destination.verifiesBlobs === true) return await destination.putBlob(counted, { ...layer, size }, put);
  const verified = verifyingStream(counted, { digest: layer.digest, size, what: `blob ${layer.digest}` });
  const plain = crypt === "decrypt" ? await decrypted(copy, layer, verified) : { stream: verified, mediaType: layer.mediaType ?? "" };
  const packed = await recompressLayer(plain.stream, plain.mediaType, {
    form: copy.form,
    choice: copy.options.compression ?? {},
    borrowed,
    isChunked: Object.keys(layer.annotations ?? {}).some(isChunkedAnnotation),
  });
  if (!packed.changed && crypt === undefined) return await destination.putBlob(packed.stream, { ...layer, size }, put);
  const sealed = crypt === "encrypt" ? copy.options.encryption?.encryptor.encrypt(packed.stream, layer.digest) : undefined;
  const mediaType = sealed === undefined ? packed.mediaType : packed.mediaType + ENCRYPTED_SUFFIX;
  const stored = await copy.compressors.run(
    async () => await destination.putBlob(sealed?.stream ?? packed.stream, { digest: "", size: -1, mediaType }, put),
  );
  const result = { ...layer, digest: stored.digest, size: stored.size, mediaType, annotations: packed.annotations() };
  if (sealed !== undefined) return { ...result, annotations: { ...withoutChunked(layer.annotations), ...(await sealed.annotations()) } };
  if (crypt === "decrypt") return { ...result, annotations: plainAnnotations(layer.annotations) };
  if (packed.fromPlain) copy.cache.recordCompressed(layer.digest, result);
  return result;
}

/** What the keys do to a layer. One that is encrypted already is not encrypted again. */
function cryptOf(copy: BlobCopy, layer: BlobInfo, { layerIndex = -1 }: PutBlobOptions): "encrypt" | "decrypt" | undefined {
  if (isEncrypted(layer.mediaType)) return copy.options.decryptor === undefined ? undefined : "decrypt";
  return copy.toEncrypt.has(layerIndex) ? "encrypt" : undefined;
}

async function decrypted(
  copy: BlobCopy,
  layer: BlobInfo,
  stream: ByteStream,
): Promise<{ readonly stream: ByteStream; readonly mediaType: string }> {
  if (copy.options.decryptor === undefined) throw new ToolError("internal", "a layer was to be decrypted without keys");
  try {
    const plain = await copy.options.decryptor.decrypt(stream, layer.annotations ?? {});
    return { stream: plain, mediaType: decryptedType(layer.mediaType ?? "") };
  } catch (error) {
    throw wrapError(`decrypting layer ${layer.digest}`, error);
  }
}

/** Fetches what the destination does not hold of a layer, where both ends can do so. */
async function sendPartially(
  copy: BlobCopy,
  layer: BlobInfo,
  put: PutBlobOptions,
  count: (stream: ByteStream) => ByteStream,
): Promise<BlobInfo | undefined> {
  const { source, destination, options } = copy;
  if (source.blobRanges === undefined || destination.putPartialBlob === undefined || copy.form !== "preserve") return undefined;
  const read: Parameters<typeof destination.putPartialBlob>[1] = (ranges) => count(source.blobRanges?.(layer, ranges) ?? noBytes());
  const stored = await destination.putPartialBlob(layer, read, put);
  if (stored === undefined) return undefined;
  options.debug?.(`Retrieved partial blob ${layer.digest}: ${stored.fetched} of ${layer.size} bytes`);
  return stored.blob;
}

async function* noBytes(): ByteStream {}

/** Counts what passes, and ends at once when the copy is given up, even while a stalled server keeps us waiting. */
function countingStream(bar: BlobProgress, signal: AbortSignal): (stream: ByteStream) => ByteStream {
  return async function* count(stream) {
    const iterator = stream[Symbol.asyncIterator]();
    const orAbort = abortable(signal);
    try {
      for (;;) {
        const { done, value } = await orAbort.wait(() => iterator.next());
        if (done === true) return;
        bar.advance(value.length);
        yield value;
      }
    } finally {
      orAbort.forget();
      // Not awaited: a stream that waits for a stalled server ends only with the connection.
      void iterator.return?.().then(undefined, () => undefined);
    }
  };
}

/** Waits that an abort ends. Not Promise.race: against a promise that lives long, it keeps every result in memory. */
function abortable(signal: AbortSignal): { wait<T>(work: () => Promise<T>): Promise<T>; forget(): void } {
  let giveUp: ((error: unknown) => void) | undefined;
  const stopped = (): ToolError => new ToolError("cancelled", "the copy was given up");
  const stop = (): void => giveUp?.(stopped());
  signal.addEventListener("abort", stop, { once: true });
  return {
    wait(work) {
      if (signal.aborted) return Promise.reject(stopped());
      return new Promise((resolve, reject) => {
        giveUp = reject;
        work().then(resolve, reject);
      });
    },
    forget: () => signal.removeEventListener("abort", stop),
  };
}

function isPlain(layer: BlobInfo): boolean {
  return layer.mediaType?.endsWith(".tar") === true;
}
