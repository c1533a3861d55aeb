import { streamOf } from "@containers/common/digest/byte-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { ConvertedImage } from "../manifest/convert.ts";
import type { ImageManifest } from "../manifest/manifest.ts";
import { manifestDigest } from "../manifest/manifest-digest.ts";
import { DOCKER_LAYER_GZIP, DOCKER_SCHEMA1_SIGNED, isSchema1 } from "../manifest/media-types.ts";
import { EMPTY_LAYER, EMPTY_LAYER_DIGEST, nameOf, toSchema1 } from "../manifest/schema1/from-schema2.ts";
import { parseSchema1, type Schema1, schema1Payload } from "../manifest/schema1/schema1.ts";
import { signWithPassingKey } from "../manifest/schema1/sign-with-passing-key.ts";
import { asksForZstd } from "./check-format.ts";
import { imageName } from "./copy-image.ts";
import { copyLayers } from "./copy-layers.ts";
import { copyOne, isRejection, keepReason, type OneImage, readSignatures, writeSignatures } from "./copy-one.ts";
import type { CopyReport } from "./copy-options.ts";
import { openSchema1Converted } from "./schema1-source.ts";

/**
 * Copies an image of Docker's first schema: as it is where the destination takes that and nothing else is asked for, else as one of the second schema,
 * for which its layers are read once in advance.
 */
export async function copySchema1(image: OneImage): Promise<CopyReport> {
  const { source, destination, options } = image;
  const manifest = parseSchema1(image.raw.bytes);
  if (options.policy !== undefined) await options.policy(source, image.instance);
  const signatures = await readSignatures(image);
  const keep = keepReason(image, signatures.length > 0);
  const supported = destination.supportedManifestTypes;
  const takesIt = supported.length === 0 || supported.some(isSchema1);
  const changes = asksForZstd(options) || options.encryption !== undefined;
  const asked = options.format === undefined ? !changes : isSchema1(options.format);
  if (keep !== undefined && !takesIt && !["oci", "oci-archive"].includes(destination.reference.transport)) {
    throw new ToolError(
      "unsupported",
      `writing manifest: the destination takes ${supported.join(", ")}, and the manifest of type ${image.raw.mediaType} must stay: ${keep}`,
    );
  }
  if (keep === undefined && !(takesIt && asked)) return await copyConverted(image, manifest);
  try {
    return await copyAsItIs(image, { manifest, keep, signatures });
  } catch (error) {
    if (keep !== undefined || options.format !== undefined || !isRejection(error)) throw error;
    return await copyConverted(image, manifest);
  }
}

/** Writes an image of the second schema as one of the first. @throws unsupported for what that cannot hold */
export async function writeAsSchema1(image: OneImage, converted: ConvertedImage): Promise<CopyReport> {
  const { destination, progress } = image;
  const { config, manifest } = converted;
  const schema1 = toSchema1({ config, layers: manifest.layers }, destination.reference.dockerReference);
  if (schema1.layers.some(({ history }) => history.throwaway)) await putEmptyLayer(image);
  progress.line("Writing manifest to image destination");
  return await write(image, signWithPassingKey(schema1Payload(schema1)), DOCKER_SCHEMA1_SIGNED);
}

async function putEmptyLayer({ destination }: OneImage): Promise<void> {
  const info = { digest: EMPTY_LAYER_DIGEST, size: EMPTY_LAYER.length };
  try {
    if ((await destination.tryReuseBlob(info, { isConfig: false })) !== undefined) return;
    await destination.putBlob(streamOf(EMPTY_LAYER), info, { isConfig: false });
  } catch (error) {
    throw wrapError("uploading empty layer", error);
  }
}

interface AsItIs {
  readonly manifest: Schema1;
  readonly keep: string | undefined;
  readonly signatures: readonly Uint8Array[];
}

async function copyAsItIs(image: OneImage, of: AsItIs): Promise<CopyReport> {
  const { source, destination, options, progress, cache, compressors } = image;
  const before = asImageManifest(of.manifest);
  const name = newName(image, of);
  const form = of.keep === undefined ? (options.compression?.form ?? destination.layerCompression) : "preserve";
  const copy = { source, destination, options, progress, form, cache, compressors, toEncrypt: new Set<number>() };
  const layers = await copyLayers(copy, image, { manifest: before, config: new Uint8Array() });
  const digests = layers.map(({ digest }) => digest);
  const changed = digests.some((digest, index) => digest !== before.layers[index]?.digest);
  if (changed && of.keep !== undefined)
    throw new ToolError("unsupported", `copying this image would change its layers, which is not possible: ${of.keep}`);
  progress.line("Writing manifest to image destination");
  const updated = { ...of.manifest, ...name, layers: withDigests(of.manifest, digests.reverse()) };
  const same = !changed && name === undefined;
  const bytes = same ? image.raw.bytes : signWithPassingKey(schema1Payload(updated));
  const written = await write(image, bytes, same ? image.raw.mediaType : DOCKER_SCHEMA1_SIGNED);
  await writeSignatures(image, of.signatures, written.manifest);
  return written;
}

/** The name that the manifest must carry at the destination; undefined when it has the right one, or needs none. */
function newName(image: OneImage, of: AsItIs): { readonly name: string; readonly tag: string } | undefined {
  const { reference } = image.destination;
  if (reference.dockerReference === undefined) return undefined;
  const wanted = nameOf(reference.dockerReference);
  if (of.manifest.name === wanted.name && of.manifest.tag === wanted.tag) return undefined;
  if (of.keep === undefined) return wanted;
  throw new ToolError(
    "unsupported",
    `Copying a schema1 image with an embedded Docker reference to ${imageName(reference)} (Docker reference ${reference.dockerReference}) would change the manifest, which we cannot do: ${JSON.stringify(of.keep)}`,
  );
}

function withDigests(manifest: Schema1, topFirst: readonly string[]): Schema1["layers"] {
  return manifest.layers.map((layer, index) => ({ ...layer, digest: topFirst[index] ?? layer.digest }));
}

/** The layers in the shape that copies of layers take; there is no config. */
function asImageManifest(manifest: Schema1): ImageManifest {
  return {
    kind: "image",
    mediaType: DOCKER_SCHEMA1_SIGNED,
    config: { mediaType: "", digest: "", size: 0 },
    layers: manifest.layers.toReversed().map(({ digest }) => ({ mediaType: DOCKER_LAYER_GZIP, digest, size: -1 })),
    namesMediaType: false,
  };
}

async function write(image: OneImage, manifest: Uint8Array, mediaType: string): Promise<CopyReport> {
  const digest = manifestDigest(manifest);
  await image.destination.putManifest(manifest, mediaType, image.asInstance ? digest : undefined);
  return { manifest, mediaType, digest };
}

async function copyConverted(image: OneImage, manifest: Schema1): Promise<CopyReport> {
  const converted = await openSchema1Converted(image.source, manifest, image.options.context?.source ?? {});
  try {
    // Policy and signatures are of the original, and were seen to.
    const options = { ...image.options, policy: undefined, removeSignatures: true };
    return await copyOne({ ...image, source: converted.source, raw: converted.manifest, options });
  } finally {
    converted.close();
  }
}
