import { choosePlatform } from "../manifest/choose-platform.ts";
import type { ManifestList } from "../manifest/manifest.ts";
import { MAX_MANIFEST_BYTES, parseImageManifest, parseManifest, parseManifestList } from "../manifest/parse.ts";
import { openArchive } from "../transports/archive-file/archive-reader.ts";
import { temporaryDirectory } from "../transports/blob-file.ts";
import { REF_NAME, selectImage } from "../transports/oci-layout/layout.ts";
import { parseLayoutName } from "../transports/oci-layout/layout-name.ts";
import type { ImageReference } from "../transports/transport.ts";
import type { LocalImages } from "./local-images.ts";

const containerdName = "io.containerd.image.name";

/** The name that an image brings along from an OCI layout or archive, or that the reference gives it; undefined when it has none. */
export async function layoutImageName(place: ImageReference, images: LocalImages): Promise<string | undefined> {
  if (place.transport === "containers-storage") return place.dockerReference?.toString();
  if (place.transport !== "oci" && place.transport !== "oci-archive") return undefined;
  const name = parseLayoutName(place.withinTransport, place.transport);
  if (place.transport === "oci") return name.name;
  const { annotations } = selectImage(await readArchiveIndex(name.path, images), name);
  return annotations?.[containerdName] || annotations?.[REF_NAME] || undefined;
}

/** The id that an image will have in the store: the digest of its config, 64 hexadecimal digits. */
export async function configIdOf(place: ImageReference, images: LocalImages): Promise<string> {
  const source = await place.openSource({ signal: images.signal, temporaryDirectory: images.temporaryDirectory });
  try {
    const top = await source.manifest();
    const parsed = parseManifest(top.bytes, top.mediaType);
    if (parsed.kind === "image") return parsed.config.digest.slice("sha256:".length);
    const instance = await source.manifest(choosePlatform(parsed).digest);
    return parseImageManifest(instance.bytes, instance.mediaType).config.digest.slice("sha256:".length);
  } finally {
    await source.close();
  }
}

async function readArchiveIndex(path: string, images: LocalImages): Promise<ManifestList> {
  const reader = await openArchive(path, temporaryDirectory(images.temporaryDirectory));
  try {
    return parseManifestList(await reader.read("index.json", MAX_MANIFEST_BYTES));
  } finally {
    reader.close();
  }
}
