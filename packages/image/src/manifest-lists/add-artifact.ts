import { basename, resolve } from "node:path";
import { sha256 } from "@containers/common/digest/digest";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import type { LocalImages } from "../local-images/local-images.ts";
import type { Descriptor } from "../manifest/manifest.ts";
import { OCI_CONFIG, OCI_MANIFEST } from "../manifest/media-types.ts";
import { buildOciManifest } from "../manifest/oci.ts";
import { detectMediaType } from "./detect-media-type.ts";
import { fileStream } from "./file-stream.ts";
import { describeManifest, findMember } from "./find-member.ts";
import { addEntry } from "./list-content.ts";
import { changeList } from "./list-record.ts";

export interface ArtifactOptions {
  /** Default `application/vnd.unknown.artifact.v1`. */
  readonly type?: string;
  readonly configType?: string;
  /** The config's bytes. */
  readonly config?: Uint8Array;
  /** Media type of all files; by default guessed for each. */
  readonly layerType?: string;
  readonly excludeTitles?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  /** An image that the artifact refers to, by name. */
  readonly subject?: string;
}

const EMPTY_JSON = new TextEncoder().encode("{}");
const EMPTY_TYPE = "application/vnd.oci.empty.v1+json";

/**
 * Makes an artifact of files and adds it to the list with this id. The files stay where they are: the list remembers their paths.
 *
 * @returns the digest of the artifact's manifest
 */
export async function addArtifactToList(
  images: LocalImages,
  id: string,
  files: readonly string[],
  options: ArtifactOptions = {},
): Promise<string> {
  const subject =
    options.subject === undefined || options.subject === ""
      ? undefined
      : await describeManifest(images, await findMember(images, options.subject, "subject for artifact manifest"));
  const layers = await Promise.all(files.map(async (file) => ({ file: resolve(file), layer: await describeFile(file, options) })));
  const config = describeConfig(options);
  const artifactType = options.type ?? "application/vnd.unknown.artifact.v1";
  const bytes = buildOciManifest({
    namesMediaType: true,
    artifactType: artifactType === "" ? undefined : artifactType,
    config,
    layers: layers.map(({ layer }) => layer),
    subject,
    annotations: options.annotations,
  });
  const digest = sha256(bytes);
  await changeList(images.store, id, (list) => {
    const { artifacts } = list;
    const entry = { mediaType: OCI_MANIFEST, digest, size: bytes.length, ...(artifactType === "" ? {} : { artifactType }) };
    return {
      ...list,
      content: addEntry(list.content, entry),
      artifacts: {
        manifests: { ...artifacts.manifests, [digest]: new TextDecoder().decode(bytes) },
        files: { ...artifacts.files, [digest]: layers.map(({ file }) => file) },
        config: { ...artifacts.config, [digest]: config.digest },
        layers: { ...artifacts.layers, [digest]: layers.map(({ layer }) => layer.digest) },
        detached: { ...artifacts.detached, ...Object.fromEntries(layers.map(({ file, layer }) => [layer.digest, file])) },
        blobs: { ...artifacts.blobs, [config.digest]: config.data ?? "" },
      },
    };
  });
  return digest;
}

async function describeFile(file: string, options: ArtifactOptions): Promise<Descriptor> {
  const path = resolve(file);
  const hashed = hashingStream((await fileStream(path)).stream);
  let beginning: Uint8Array | undefined;
  for await (const chunk of hashed.stream) beginning ??= chunk.slice(0, 512);
  const title = basename(path);
  return {
    mediaType: options.layerType || detectMediaType(title, beginning ?? new Uint8Array()),
    digest: hashed.digest(),
    size: hashed.size(),
    ...(options.excludeTitles === true ? {} : { annotations: { "org.opencontainers.image.title": title } }),
  };
}

function describeConfig(options: ArtifactOptions): Descriptor {
  const bytes = options.config ?? EMPTY_JSON;
  const mediaType = options.configType || (options.config === undefined ? EMPTY_TYPE : OCI_CONFIG);
  return { mediaType, digest: sha256(bytes), size: bytes.length, data: Buffer.from(bytes).toString("base64") };
}
