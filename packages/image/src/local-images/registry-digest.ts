import type { ImageRecord } from "@containers/storage/store";
import { choosePlatform } from "../manifest/choose-platform.ts";
import { manifestDigest } from "../manifest/manifest-digest.ts";
import { isListType } from "../manifest/media-types.ts";
import { parseManifestList } from "../manifest/parse.ts";
import type { NamedReference } from "../reference/reference.ts";
import { parseImageName } from "../transports/register.ts";
import { manifestDigests, readImageConfig } from "./image-config.ts";
import type { LocalImages } from "./local-images.ts";

/** Whether the registry's image for the local one's platform is another than the local one; only manifests are fetched. */
export async function differsFromRegistry(images: LocalImages, local: ImageRecord, reference: NamedReference): Promise<boolean> {
  const source = await parseImageName(`docker://${reference.toString()}`).openSource({ registry: images.registry, signal: images.signal });
  try {
    const manifest = await source.manifest();
    const config = readImageConfig(images.store, local.id);
    const digest = isListType(manifest.mediaType)
      ? choosePlatform(parseManifestList(manifest.bytes, manifest.mediaType), {
          os: config.os || undefined,
          architecture: config.architecture || undefined,
          variant: config.variant,
        }).digest
      : manifestDigest(manifest.bytes);
    return !manifestDigests(local).includes(digest);
  } finally {
    await source.close();
  }
}
