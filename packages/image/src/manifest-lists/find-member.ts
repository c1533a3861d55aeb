import { resolve } from "node:path";
import { isDigest } from "@containers/common/digest/digest";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import { resolveLocalImage } from "../local-images/resolve-name.ts";
import type { Descriptor } from "../manifest/manifest.ts";
import { manifestDigest } from "../manifest/manifest-digest.ts";
import { isListType, isSchema1 } from "../manifest/media-types.ts";
import { parseManifest } from "../manifest/parse.ts";
import { storageReference } from "../transports/containers-storage/reference.ts";
import { parseImageName, transportOf } from "../transports/register.ts";
import type { ImageContext, ImageReference } from "../transports/transport.ts";
import { artifactOfFile } from "./artifacts.ts";
import type { ListRecord } from "./list-record.ts";

/**
 * The image that a user wants in a list: `TRANSPORT:…`, else the local image that stands under `localhost/`, else the registry's, else any
 * local one. The registry comes before other local images, for there the whole list is, of which only one image may be here.
 *
 * @throws not-found, naming both attempts
 */
export async function findMember(images: LocalImages, name: string, what: string): Promise<ImageReference> {
  if (transportOf(name) !== undefined) return parseImageName(name);
  const local = localMember(images, name);
  if (local?.ours === true) return local.reference;
  const registryName = `docker://${name}`;
  let failure: unknown;
  try {
    const reference = parseImageName(registryName);
    const source = await reference.openSource(memberContext(images));
    try {
      await source.manifest();
    } finally {
      await source.close();
    }
    return reference;
  } catch (error) {
    failure = error;
  }
  if (local !== undefined) return local.reference;
  throw new ToolError("not-found", `locating ${what}: "${registryName}": ${describeError(failure)}; "${name}": ${name}: image not known`);
}

function localMember(images: LocalImages, name: string): { readonly reference: ImageReference; readonly ours: boolean } | undefined {
  let found: ReturnType<typeof resolveLocalImage>;
  try {
    found = resolveLocalImage(images, name, { manifestList: "list-without-instance" });
  } catch {
    // What cannot be a local name may still be a registry's.
    return undefined;
  }
  if (found === undefined) return undefined;
  const ours = found.name.startsWith("localhost/") || found.image.id.startsWith(name);
  return { reference: storageReference(images.store, `@${found.image.id}`), ours };
}

/** How a member's place is opened. */
export function memberContext(images: LocalImages): ImageContext {
  return { signal: images.signal, registry: images.registry, store: images.store, temporaryDirectory: images.temporaryDirectory };
}

/** The digest that a user means by a digest, by a file of an artifact, or by an image's name. */
export async function memberDigest(images: LocalImages, list: ListRecord, name: string): Promise<string> {
  if (isDigest(name)) return name;
  const artifact = artifactOfFile(list.artifacts, resolve(name)) ?? artifactOfFile(list.artifacts, name);
  if (artifact !== undefined) return artifact;
  return (await describeManifest(images, await findMember(images, name, "image in the manifest list"))).digest;
}

/** The descriptor of an image or list, wherever it is. */
export async function describeManifest(images: LocalImages, reference: ImageReference): Promise<Descriptor> {
  const source = await reference.openSource(memberContext(images));
  try {
    const { bytes, mediaType } = await source.manifest();
    const parsed = isListType(mediaType) || isSchema1(mediaType) ? undefined : parseManifest(bytes, mediaType);
    const artifactType = parsed?.kind === "image" ? parsed.artifactType : undefined;
    return { mediaType, digest: manifestDigest(bytes), size: bytes.length, ...(artifactType === undefined ? {} : { artifactType }) };
  } finally {
    await source.close();
  }
}
