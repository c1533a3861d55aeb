import { existsSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { copyImage } from "@containers/image/copy/copy-image";
import type { ProgressSink } from "@containers/image/copy/progress";
import { parseImageName } from "@containers/image/transports/register";
import type { ImageContext, ImageReference, RegistryAccess } from "@containers/image/transports/transport";
import { SOURCE_CONFIG } from "./source-image.ts";

export interface TransferOptions {
  readonly registry: RegistryAccess;
  readonly signal?: AbortSignal;
  readonly progress?: ProgressSink;
}

/** Copies a source image from a registry into an OCI layout, which must not exist. Refuses other images. */
export async function pullSourceImage(name: string, path: string, options: TransferOptions): Promise<void> {
  if (existsSync(path)) throw new ToolError("already-exists", `${JSON.stringify(path)} already exists`);
  const source = registryReference(name);
  const context = contextOf(options);
  await requireSourceImage(source, context);
  try {
    await copyImage(source, parseImageName(`oci:${path}`), { ...copyOptionsOf(options), context: { source: context } });
  } catch (error) {
    throw wrapError("pulling source image", error);
  }
}

/** Copies a source image to a registry; the digest of its manifest there. */
export async function pushSourceImage(path: string, name: string, options: TransferOptions): Promise<string> {
  const destination = registryReference(name);
  const source = parseImageName(`oci:${path}`);
  try {
    return (await copyImage(source, destination, { ...copyOptionsOf(options), context: { destination: contextOf(options) } })).digest;
  } catch (error) {
    throw wrapError("pushing source image", error);
  }
}

function contextOf(options: TransferOptions): ImageContext {
  return { registry: options.registry, ...(options.signal === undefined ? {} : { signal: options.signal }) };
}

function copyOptionsOf(options: TransferOptions) {
  return {
    ...(options.progress === undefined ? {} : { progress: options.progress }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

function registryReference(name: string): ImageReference {
  const [host = ""] = name.split("/");
  if (!name.includes("/") || !/[.:]|^localhost$/.test(host)) {
    const quoted = JSON.stringify(name);
    throw new ToolError(
      "invalid-argument",
      `pulling source images by short name (${quoted}) is not supported, please use a fully-qualified name`,
    );
  }
  return parseImageName(`docker://${name}`);
}

async function requireSourceImage(reference: ImageReference, context: ImageContext): Promise<void> {
  const source = await reference.openSource(context);
  try {
    const { bytes } = await source.manifest();
    const manifest: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const config = typeof manifest === "object" && manifest !== null && "config" in manifest ? manifest.config : undefined;
    const type = typeof config === "object" && config !== null && "mediaType" in config ? config.mediaType : "";
    if (type === SOURCE_CONFIG) return;
    throw new ToolError(
      "invalid-argument",
      `invalid media type of image config ${JSON.stringify(type)} (expected: ${JSON.stringify(SOURCE_CONFIG)})`,
    );
  } finally {
    await source.close();
  }
}
