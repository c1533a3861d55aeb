import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream, LayerRecord, Store } from "@containers/storage/store";
import { formatTimestamp, timestampNow } from "../executor/clock.ts";
import type { HistoryEntry, ImageConfig } from "../working-container/image-config.ts";
import { type ImageFormat, MEDIA_TYPES, type WorkingContainer } from "../working-container/record.ts";
import type { AddedFile } from "./added-files.ts";
import { goJson, sortedRecord } from "./go-json.ts";
import { buildHistory } from "./history.ts";
import { rewriteTimes } from "./timestamps.ts";
import { dockerConfig, ociConfig } from "./write-config.ts";

export interface CommitOptions {
  /** The image's config but for its layers and history, which are worked out here. */
  readonly config: ImageConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly format: ImageFormat;
  readonly createdBy: string;
  /** The container's own layer is left out: nothing was changed in it. */
  readonly emptyLayer: boolean;
  /** One layer with all files, instead of one more. */
  readonly squash: boolean;
  readonly omitHistory: boolean;
  /** What was done has its entry in the history already. */
  readonly withoutEntry?: boolean;
  /** Files for a further layer on top. */
  readonly addedFiles?: readonly AddedFile[];
  /** Full names for the image. */
  readonly names: readonly string[];
  /** Seconds since 1970: for the image, its history, and every file of the new layer. */
  readonly timestamp?: number;
  /** Seconds since 1970: for the image and its history; files only when {@link clampTimes}, and only newer ones. */
  readonly sourceDateEpoch?: number;
  readonly clampTimes?: boolean;
  /** Notes the time in an annotation as well. */
  readonly createdAnnotation: boolean;
  /** Directory where what is made is kept as blobs. */
  readonly blobCache?: string;
  /** Told of what is written, in the lines of a copy. */
  readonly report?: ((line: string) => void) | undefined;
}

export interface CommittedImage {
  readonly imageId: string;
  readonly manifestDigest: string;
}

interface LayerBlob {
  readonly digest: string;
  readonly size: number;
}

/** Makes an image of a working container in the same store. The container stays as it is. */
export async function commitContainer(store: Store, container: WorkingContainer, options: CommitOptions): Promise<CommittedImage> {
  const created = imageTime(options);
  const chain = options.squash ? [] : layerChain(store, container.topLayer);
  const own = options.emptyLayer && !options.squash ? undefined : await storeLayer(store, container, options);
  const added = options.squash ? [] : await storeAddedFiles(store, own ?? chain.at(-1), options);
  const layers = [...chain, ...(own === undefined ? [] : [own]), ...added];
  const history = buildHistory({
    base: options.squash ? [] : container.config.history,
    before: restamp(container.historyBefore, options),
    ...(options.withoutEntry === true ? {} : { own: ownHistory(container, options, own === undefined) }),
    after: restamp([...container.historyAfter, ...added.map(addedHistory)], options),
    ...baseName(container),
  });
  const blobs = layers.map(layerBlob);
  const config: ImageConfig = { ...options.config, created, diffIds: blobs.map((blob) => blob.digest), history };
  const image = writeImage(store, { container, options, config, blobs, layer: layers.at(-1)?.id });
  if (options.blobCache !== undefined) {
    const { keepMadeImage } = await import("@containers/image/local-images/keep-made-image");
    const made = [...(own === undefined ? [] : [own]), ...added].map(({ id }) => id);
    await keepMadeImage(store, options.blobCache, { ...image, layers: made }, options.report);
  }
  return image;
}

function ownHistory(container: WorkingContainer, options: CommitOptions, emptyLayer: boolean): HistoryEntry {
  return {
    created: fixedTime(options) ?? timestampNow(),
    createdBy: options.createdBy,
    ...(options.config.author === undefined ? {} : { author: options.config.author }),
    ...(container.historyComment === "" ? {} : { comment: container.historyComment }),
    emptyLayer,
  };
}

interface ImageParts {
  readonly container: WorkingContainer;
  readonly options: CommitOptions;
  readonly config: ImageConfig;
  readonly blobs: readonly LayerBlob[];
  readonly layer?: string;
}

function writeImage(store: Store, parts: ImageParts): CommittedImage {
  const { options, config } = parts;
  const types = MEDIA_TYPES[options.format];
  const omitHistory =
    options.omitHistory || (parts.container.config.history.length === 0 && parts.container.config.diffIds.length > 0 && !options.squash);
  const configBytes = Buffer.from(
    goJson(
      options.format === "oci" ? ociConfig(config, omitHistory) : dockerConfig(config, { omitHistory, container: parts.container.id }),
    ),
  );
  const configDigest = sha256(configBytes);
  reportCopy(options.report, parts.blobs, configDigest);
  const descriptor = (mediaType: string, blob: LayerBlob) =>
    options.format === "oci" ? { mediaType, digest: blob.digest, size: blob.size } : { mediaType, size: blob.size, digest: blob.digest };
  const annotations = {
    ...options.annotations,
    ...(options.createdAnnotation && config.created !== undefined ? { "org.opencontainers.image.created": config.created } : {}),
  };
  const manifest = Buffer.from(
    goJson({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: descriptor(types.config, { digest: configDigest, size: configBytes.length }),
      layers: parts.blobs.map((blob) => descriptor(types.layer, blob)),
      ...(options.format === "oci" && Object.keys(annotations).length > 0
        ? { annotations: sortedRecord(Object.entries(annotations)) }
        : {}),
    }),
  );
  const manifestDigest = sha256(manifest);
  const imageId = configDigest.slice("sha256:".length);
  if (store.images.get(imageId)?.id === imageId) {
    // The very same image is there already: only its names are new.
    store.images.setBigData(imageId, `manifest-${manifestDigest}`, manifest);
    store.images.setBigData(imageId, "manifest", manifest);
    if (options.names.length > 0) store.images.addNames(imageId, options.names);
    return { imageId, manifestDigest };
  }
  store.images.create({
    id: imageId,
    names: options.names,
    metadata: "{}",
    digest: manifestDigest,
    ...(parts.layer === undefined ? {} : { layer: parts.layer }),
    ...(config.created === undefined ? {} : { created: new Date(config.created) }),
    bigData: [
      { key: configDigest, data: configBytes, digest: configDigest },
      { key: `manifest-${manifestDigest}`, data: manifest, digest: manifestDigest },
      { key: "manifest", data: manifest, digest: manifestDigest },
    ],
  });
  return { imageId, manifestDigest };
}

function reportCopy(report: CommitOptions["report"], blobs: readonly LayerBlob[], configDigest: string): void {
  report?.("Getting image source signatures");
  for (const { digest } of blobs) report?.(`Copying blob ${digest}`);
  report?.(`Copying config ${configDigest}`);
  report?.("Writing manifest to image destination");
}

/** Puts the container's changes (or, for a squash, all of its files) into the store as an image layer. */
async function storeLayer(store: Store, container: WorkingContainer, options: CommitOptions): Promise<LayerRecord> {
  const record = store.containers.get(container.id);
  if (record === undefined) throw new ToolError("not-found", `locating container ${JSON.stringify(container.id)}: container not known`);
  const own = layerStream(store, record.layer, options);
  const stream = options.squash ? withAddedFiles(own, options) : own;
  const parent = options.squash || container.topLayer === "" ? {} : { parent: container.topLayer };
  return store.layers.put(parent, stream);
}

/** In the one layer of a squashed image the files come first, so that what the container holds wins. */
async function* withAddedFiles(stream: ByteStream, options: CommitOptions): AsyncGenerator<Uint8Array> {
  if (options.addedFiles !== undefined && options.addedFiles.length > 0) {
    const { addedFilesArchive, withoutEnd } = await import("./added-files.ts");
    yield* withoutEnd(withTimes(addedFilesArchive(options.addedFiles), options));
  }
  yield* stream;
}

async function storeAddedFiles(store: Store, below: LayerRecord | undefined, options: CommitOptions): Promise<readonly LayerRecord[]> {
  if (options.addedFiles === undefined || options.addedFiles.length === 0) return [];
  const { addedFilesArchive } = await import("./added-files.ts");
  const stream = withTimes(addedFilesArchive(options.addedFiles), options);
  return [await store.layers.put(below === undefined ? {} : { parent: below.id }, stream)];
}

function addedHistory(layer: LayerRecord): HistoryEntry {
  const hex = (layer.diffDigest ?? "").replace(/^sha256:/, "");
  return { created: timestampNow(), createdBy: `/bin/sh -c #(nop) ADD dir:${hex} in /`, emptyLayer: false };
}

function layerStream(store: Store, layer: string, options: CommitOptions): ByteStream {
  return withTimes(options.squash ? store.layers.diff(layer, { parent: "" }) : store.layers.diff(layer), options);
}

function withTimes(stream: ByteStream, options: CommitOptions): ByteStream {
  if (options.timestamp !== undefined) return rewriteTimes(stream, { seconds: options.timestamp, onlyNewer: false });
  if (options.sourceDateEpoch !== undefined && options.clampTimes === true)
    return rewriteTimes(stream, { seconds: options.sourceDateEpoch, onlyNewer: true });
  return stream;
}

function layerChain(store: Store, top: string): LayerRecord[] {
  const chain: LayerRecord[] = [];
  for (let id: string | undefined = top; id !== undefined && id !== ""; id = chain[0]?.parent) {
    const layer = store.layers.get(id);
    if (layer === undefined) throw new ToolError("corrupt", `layer ${id} of the base image is missing`);
    chain.unshift(layer);
  }
  return chain;
}

function layerBlob(layer: LayerRecord): LayerBlob {
  if (layer.diffDigest === undefined || layer.diffSize === undefined) throw new ToolError("corrupt", `layer ${layer.id} has no digest`);
  return { digest: layer.diffDigest, size: layer.diffSize };
}

function fixedTime(options: CommitOptions): string | undefined {
  const seconds = options.sourceDateEpoch ?? options.timestamp;
  return seconds === undefined ? undefined : formatTimestamp(seconds);
}

function imageTime(options: CommitOptions): string {
  return fixedTime(options) ?? timestampNow();
}

function restamp(entries: readonly HistoryEntry[], options: CommitOptions): readonly HistoryEntry[] {
  const created = fixedTime(options);
  return created === undefined ? entries : entries.map((entry) => ({ ...entry, created }));
}

function baseName(container: WorkingContainer): { readonly fromName?: string } {
  const named = container.fromImage !== "" && !container.fromImageId.startsWith(container.fromImage);
  return named ? { fromName: container.fromImage } : {};
}
