import { readAll } from "@containers/common/digest/byte-stream";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { wrapError } from "@containers/common/errors/tool-error";
import { parseImageConfig } from "@containers/image/local-images/image-config";
import { choosePlatform } from "@containers/image/manifest/choose-platform";
import { sortKeys } from "@containers/image/manifest/go-json";
import type { Descriptor, ImageManifest } from "@containers/image/manifest/manifest";
import { manifestDigestBy, verifyManifest } from "@containers/image/manifest/manifest-digest";
import { isSchema1 } from "@containers/image/manifest/media-types";
import { MAX_CONFIG_BYTES, parseImageManifest, parseManifest } from "@containers/image/manifest/parse";
import type { ImageContext, ImageReference, ImageSource, RawManifest } from "@containers/image/transports/transport";

/** An image opened for a look at it; close it. */
export interface OpenedImage {
  readonly reference: ImageReference;
  /** As the place has it: of several platforms, the list. */
  readonly manifest: RawManifest;
  /** The image's own manifest: of a list, the one for the platform. */
  image(): Promise<ImageManifest>;
  /** The bytes of the config, verified. */
  config(): Promise<Uint8Array>;
  /** As an image's source has it. */
  tags?(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opens an image and reads its manifest; nothing else is fetched before it is asked for. */
export async function openInspected(reference: ImageReference, context: ImageContext): Promise<OpenedImage> {
  const source = await reference.openSource(context);
  try {
    const manifest = await source.manifest();
    const image = (): Promise<ImageManifest> => imageManifest(source, manifest, context);
    const config = async (): Promise<Uint8Array> =>
      isSchema1(manifest.mediaType)
        ? (await import("./inspect-schema1.ts")).schema1Config(manifest.bytes)
        : await readConfig(source, (await image()).config);
    return { reference, manifest, image, config, ...(source.tags === undefined ? {} : { tags: source.tags }), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** What `skopeo inspect` prints, key for key. */
export async function inspectImage(image: OpenedImage, options: InspectOptions): Promise<object> {
  if (isSchema1(image.manifest.mediaType)) return await (await import("./inspect-schema1.ts")).inspectSchema1(image, options);
  const manifest = await image.image();
  const config = parseImageConfig(await image.config(), image.reference.withinTransport);
  const { Labels, Env } = config.config;
  const algorithm = options.algorithm ?? manifest.config.digest.split(":", 1)[0] ?? "sha256";
  return {
    Name: image.reference.dockerReference?.name,
    Digest: manifestDigestBy(algorithm, image.manifest.bytes),
    RepoTags: (await options.tags?.()) ?? [],
    Created: config.created ?? null,
    DockerVersion: config.docker_version ?? "",
    Labels: Labels === undefined ? null : sortKeys(Labels),
    Architecture: config.architecture,
    Os: config.os,
    Layers: manifest.layers.map((layer) => layer.digest),
    LayersData: manifest.layers.map((layer) => ({
      MIMEType: layer.mediaType,
      Digest: layer.digest,
      Size: layer.size,
      Annotations: layer.annotations === undefined ? null : sortKeys(layer.annotations),
    })),
    Env: Env ?? null,
  };
}

export interface InspectOptions {
  readonly algorithm?: "sha256" | "sha512";
  tags?(): Promise<readonly string[]>;
}

/** What `skopeo inspect --config` prints: the OCI fields of the config, in their order. */
export async function inspectConfig(image: OpenedImage): Promise<object> {
  const config = parseImageConfig(await image.config(), image.reference.withinTransport);
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, ArgsEscaped } = config.config;
  const filled = <T>(map: Readonly<Record<string, T>> | undefined): Record<string, T> | undefined =>
    map === undefined || Object.keys(map).length === 0 ? undefined : sortKeys(map);
  const list = (values: readonly string[] | undefined): readonly string[] | undefined => (values?.length === 0 ? undefined : values);
  return {
    created: config.created,
    author: config.author || undefined,
    architecture: config.architecture,
    variant: config.variant || undefined,
    os: config.os,
    config: {
      User: User || undefined,
      ExposedPorts: filled(ExposedPorts),
      Env: list(Env),
      Entrypoint: list(Entrypoint),
      Cmd: list(Cmd),
      Volumes: filled(Volumes),
      WorkingDir: WorkingDir || undefined,
      Labels: filled(Labels),
      StopSignal: StopSignal || undefined,
      ArgsEscaped,
    },
    rootfs: config.rootfs,
    history:
      config.history.length === 0
        ? undefined
        : config.history.map(({ created, created_by, author, comment, empty_layer }) => ({
            created,
            created_by: created_by || undefined,
            author: author || undefined,
            comment: comment || undefined,
            empty_layer,
          })),
  };
}

async function imageManifest(source: ImageSource, top: RawManifest, context: ImageContext): Promise<ImageManifest> {
  try {
    const parsed = parseManifest(top.bytes, top.mediaType);
    if (parsed.kind === "image") return parsed;
    const { digest } = chosen(() => choosePlatform(parsed, context.platform));
    const raw = await source.manifest(digest);
    verifyManifest(raw.bytes, digest);
    return parseImageManifest(raw.bytes, raw.mediaType);
  } catch (error) {
    throw wrapError("Error parsing manifest for image", error);
  }
}

function chosen<T>(choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    throw wrapError("choosing image instance", error);
  }
}

async function readConfig(source: ImageSource, config: Descriptor): Promise<Uint8Array> {
  try {
    const { stream } = await source.blob(config);
    return await readAll(verifyingStream(stream, { digest: config.digest, size: config.size }), MAX_CONFIG_BYTES, "image configuration");
  } catch (error) {
    throw wrapError("Error reading configuration blob", error);
  }
}
