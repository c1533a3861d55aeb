import { readAll } from "@containers/common/digest/byte-stream";
import { verifyBytes } from "@containers/common/digest/digest";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { choosePlatform } from "@containers/image/manifest/choose-platform";
import type { ImageManifest } from "@containers/image/manifest/manifest";
import { MAX_CONFIG_BYTES, parseImageManifest, parseManifest } from "@containers/image/manifest/parse";
import type { ImageContext, ImageReference, ImageSource, RawManifest } from "@containers/image/transports/transport";

export type PolicyCheck = (source: ImageSource, instance?: string) => Promise<void>;

/** An image that a client has opened: of a list, the one for the platform. */
export interface ProxiedImage {
  readonly source: ImageSource;
  /** Its digest in the list. */
  readonly instance?: string;
  readonly raw: RawManifest;
  readonly manifest: ImageManifest;
  /** The config's bytes, verified. */
  config(): Promise<Uint8Array>;
}

/** Opens an image that the policy allows; of a list, either the list or the image has to be allowed, as with the original. */
export async function openProxied(reference: ImageReference, context: ImageContext, policy: PolicyCheck): Promise<ProxiedImage> {
  const source = await reference.openSource(context);
  try {
    return await readProxied(source, context, policy);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function readProxied(source: ImageSource, context: ImageContext, policy: PolicyCheck): Promise<ProxiedImage> {
  const top = await source.manifest();
  const topRefused = await refusal(() => policy(source));
  const parsed = parseManifest(top.bytes, top.mediaType);
  if (parsed.kind === "image") {
    if (topRefused !== undefined) throw topRefused.reason;
    return proxied(source, top, parsed);
  }
  const { digest } = choosePlatform(parsed, context.platform);
  const raw = await source.manifest(digest);
  verifyBytes(raw.bytes, digest, `manifest ${digest}`);
  const refused = await refusal(() => policy(source, digest));
  if (refused !== undefined && topRefused !== undefined) throw refused.reason;
  return { ...proxied(source, raw, parseImageManifest(raw.bytes, raw.mediaType)), instance: digest };
}

async function refusal(check: () => Promise<void>): Promise<{ readonly reason: unknown } | undefined> {
  try {
    await check();
    return undefined;
  } catch (reason) {
    return { reason };
  }
}

function proxied(source: ImageSource, raw: RawManifest, manifest: ImageManifest): ProxiedImage {
  const config = async (): Promise<Uint8Array> => {
    const { digest, size } = manifest.config;
    const { stream } = await source.blob(manifest.config);
    return await readAll(verifyingStream(stream, { digest, size }), MAX_CONFIG_BYTES, "image configuration");
  };
  return { source, raw, manifest, config };
}
