import { isErrorOfKind, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { choosePlatform } from "../manifest/choose-platform.ts";
import { verifyManifest } from "../manifest/manifest-digest.ts";
import { isListType } from "../manifest/media-types.ts";
import { parseManifestList } from "../manifest/parse.ts";
import type { ImageContext, ImageDestination, ImageReference, ImageSource, RawManifest } from "../transports/transport.ts";
import { openBlobInfoCache } from "./blob-info-cache.ts";
import { copyList } from "./copy-list.ts";
import { copyOne, type OneImage } from "./copy-one.ts";
import type { CopyOptions, CopyReport } from "./copy-options.ts";
import { silentProgress } from "./progress.ts";
import { newSemaphore } from "./semaphore.ts";

export type { CopyOptions, CopyReport } from "./copy-options.ts";

/**
 * Copies an image from one place to another. Every blob is verified while it streams; the image becomes visible at the
 * destination only at the end, and a failure or an abort leaves there what was before.
 *
 * Errors: corrupt names the digest that does not match; not-found, denied and unavailable come from the places, wrapped with the side.
 */
export async function copyImage(source: ImageReference, destination: ImageReference, options: CopyOptions = {}): Promise<CopyReport> {
  const progress = options.progress ?? silentProgress();
  try {
    return await withDestination(destination, withSignal(options.context?.destination, options.signal), (to) =>
      withSource(source, withSignal(options.context?.source, options.signal), (from) => copyBetween(from, to, { ...options, progress })),
    );
  } catch (error) {
    if (options.signal?.aborted === true && !isErrorOfKind(error, "cancelled"))
      throw new ToolError("cancelled", "the copy was cancelled", { cause: error });
    throw error;
  } finally {
    progress.close();
  }
}

async function copyBetween(source: ImageSource, destination: ImageDestination, options: CopyOptions): Promise<CopyReport> {
  const progress = options.progress ?? silentProgress();
  const toplevel = await source.manifest().catch((error: unknown) => {
    throw wrapError(`determining manifest MIME type for ${imageName(source.reference)}`, error);
  });
  if (toplevel.mediaType === "")
    throw new ToolError("corrupt", `determining manifest type of ${imageName(source.reference)}: the data is not an image manifest`);
  const cache = openBlobInfoCache(options.blobInfoCacheDirectory);
  const base = { source, destination, options, progress, cache, compressors: newSemaphore(Math.max(1, navigator.hardwareConcurrency)) };
  const report = await copyContents(base, toplevel);
  options.signal?.throwIfAborted();
  try {
    await destination.commit(toplevel);
  } catch (error) {
    throw wrapError("committing the finished image", error);
  }
  cache.save();
  return report;
}

type CopyInProgress = Omit<OneImage, "raw" | "instance" | "asInstance">;

async function copyContents(base: CopyInProgress, toplevel: RawManifest): Promise<CopyReport> {
  if (!isListType(toplevel.mediaType)) return await copyOne({ ...base, raw: toplevel, asInstance: false });
  if (base.options.multiArch === "all" || base.options.multiArch === "index-only") return await copyList({ ...base, raw: toplevel });
  const list = parseManifestList(toplevel.bytes, toplevel.mediaType);
  const chosen = inContext(`choosing an image from manifest list ${imageName(base.source.reference)}`, () =>
    choosePlatform(list, base.options.context?.source?.platform),
  );
  const raw = await base.source.manifest(chosen.digest);
  verifyManifest(raw.bytes, chosen.digest);
  return await copyOne({ ...base, raw, instance: chosen.digest, asInstance: false });
}

/** `transport:rest`, as users write it. */
export function imageName(reference: ImageReference): string {
  return `${reference.transport}:${reference.withinTransport}`;
}

async function withDestination<T>(
  reference: ImageReference,
  context: ImageContext,
  use: (destination: ImageDestination) => Promise<T>,
): Promise<T> {
  const destination = await opening(`initializing destination ${imageName(reference)}`, () => reference.openDestination(context));
  try {
    return await use(destination);
  } finally {
    await destination.close();
  }
}

async function withSource<T>(reference: ImageReference, context: ImageContext, use: (source: ImageSource) => Promise<T>): Promise<T> {
  const source = await opening(`initializing source ${imageName(reference)}`, () => reference.openSource(context));
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

function inContext<T>(what: string, deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    throw wrapError(what, error);
  }
}

async function opening<T>(what: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw wrapError(what, error);
  }
}

function withSignal(context: ImageContext | undefined, signal: AbortSignal | undefined): ImageContext {
  return context?.signal !== undefined || signal === undefined ? (context ?? {}) : { ...context, signal };
}
