import { readAll } from "@containers/common/digest/byte-stream";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { openSchema1Converted } from "@containers/image/copy/schema1-source";
import { choosePlatform } from "@containers/image/manifest/choose-platform";
import type { ImageManifest } from "@containers/image/manifest/manifest";
import { verifyManifest } from "@containers/image/manifest/manifest-digest";
import { isListType, isSchema1 } from "@containers/image/manifest/media-types";
import { MAX_CONFIG_BYTES, parseImageManifest, parseManifestList } from "@containers/image/manifest/parse";
import { parseSchema1 } from "@containers/image/manifest/schema1/schema1";
import type { ImageContext, ImageReference, ImageSource, RawManifest } from "@containers/image/transports/transport";

export type PolicyCheck = (source: ImageSource, instance?: string) => Promise<void>;

/** The manifest of an image, of a list the one for the platform. */
export interface ChosenImage {
  readonly source: ImageSource;
  /** Its digest in the list. */
  readonly instance?: string;
  readonly raw: RawManifest;
}

/** An image that a client has opened. */
export interface ProxiedImage extends ChosenImage {
  /** Of Docker's first schema, what it is as one of the second, for which its layers are fetched when this is asked first. */
  manifest(): Promise<ImageManifest>;
  /** The config's bytes, verified. */
  config(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens an image that the policy allows; of a list, either the list or the image has to be allowed, as with the original. */
export async function openProxied(reference: ImageReference, context: ImageContext, policy: PolicyCheck): Promise<ProxiedImage> {
  const chosen = await openChosen(reference, context, policy);
  const { source, raw } = chosen;
  if (isSchema1(raw.mediaType)) return openSchema1(chosen, context);
  try {
    const manifest = parseImageManifest(raw.bytes, raw.mediaType);
    return { ...chosen, manifest: async () => manifest, config: () => readConfig(source, manifest), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function openSchema1(chosen: ChosenImage, context: ImageContext): ProxiedImage {
  const { source, raw } = chosen;
  const parsed = parseSchema1(raw.bytes);
  let opened: ReturnType<typeof openSchema1Converted> | undefined;
  const converted = () => {
    opened ??= openSchema1Converted(source, parsed, context);
    return opened;
  };
  const manifest = async (): Promise<ImageManifest> => {
    const { bytes, mediaType } = (await converted()).manifest;
    return parseImageManifest(bytes, mediaType);
  };
  return {
    ...chosen,
    manifest,
    config: async () => readConfig((await converted()).source, await manifest()),
    close: async () => {
      await opened?.then(
        (image) => image.close(),
        () => {},
      );
      await source.close();
    },
  };
}

/** Finds an image that the policy allows, without reading what its manifest says. */
export async function openChosen(reference: ImageReference, context: ImageContext, policy: PolicyCheck): Promise<ChosenImage> {
  const source = await reference.openSource(context);
  try {
    return await choose(source, context, policy);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function choose(source: ImageSource, context: ImageContext, policy: PolicyCheck): Promise<ChosenImage> {
  const top = await source.manifest();
  const topRefused = await refusal(() => policy(source));
  if (!isListType(top.mediaType)) {
    if (topRefused !== undefined) throw topRefused.reason;
    return { source, raw: top };
  }
  const { digest } = choosePlatform(parseManifestList(top.bytes, top.mediaType), context.platform);
  const raw = await source.manifest(digest);
  verifyManifest(raw.bytes, digest);
  const refused = await refusal(() => policy(source, digest));
  if (refused !== undefined && topRefused !== undefined) throw refused.reason;
  return { source, raw, instance: digest };
}

async function refusal(check: () => Promise<void>): Promise<{ readonly reason: unknown } | undefined> {
  try {
    await check();
    return undefined;
  } catch (reason) {
    return { reason };
  }
}

async function readConfig(source: ImageSource, { config }: ImageManifest): Promise<Uint8Array> {
  const { digest, size } = config;
  const { stream } = await source.blob(config);
  return await readAll(verifyingStream(stream, { digest, size }), MAX_CONFIG_BYTES, "image configuration");
}
