import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { basename } from "node:path";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import type { Descriptor, ImageManifest } from "../manifest/manifest.ts";
import { OCI_INDEX, OCI_MANIFEST } from "../manifest/media-types.ts";
import { buildOciManifest } from "../manifest/oci.ts";
import { parseManifestList } from "../manifest/parse.ts";
import { fileError, readFileStream } from "../transports/blob-file.ts";
import { openOciDestination } from "../transports/oci-layout/destination.ts";
import { indexPath, layoutBlobPath, replaceImage } from "../transports/oci-layout/layout.ts";
import { ociReference } from "../transports/oci-layout/reference.ts";
import {
  type Artifact,
  type ArtifactStore,
  CREATED,
  findArtifact,
  layoutName,
  requireArtifact,
  TITLE,
  withArtifactLock,
  writeIndex,
} from "./artifact-store.ts";
import { detectContentType } from "./detect-content-type.ts";

/** The config of an artifact that has none: `{}` (image-spec 1.1, "Guidance for an Empty Descriptor"). */
const EMPTY: Descriptor = {
  mediaType: "application/vnd.oci.empty.v1+json",
  digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  size: 2,
  data: "e30=",
};

/** What a content is told from. */
const SNIFFED_BYTES = 512;

export interface AddArtifactOptions {
  /** Adds the files to an artifact that is there. */
  readonly append?: boolean;
  /** Takes the place of an artifact that is there. */
  readonly replace?: boolean;
  readonly artifactType?: string;
  /** Of the files; default: told from what each begins with. */
  readonly fileType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A file to add: one of this machine, or a stream under a name. */
export type ArtifactFile = { readonly path: string } | { readonly name: string; readonly stream: ByteStream };

/**
 * Makes an artifact of files, or adds files to one. Nothing is changed when one of them cannot be read.
 *
 * @returns the digest of its manifest
 * @throws already-exists for the artifact's or a file's name; not-found
 */
export async function addArtifact(
  store: ArtifactStore,
  name: string,
  files: readonly ArtifactFile[],
  options: AddArtifactOptions = {},
): Promise<string> {
  if (options.append === true && options.artifactType !== undefined)
    throw new ToolError("invalid-argument", "append option is not compatible with type option");
  if (options.append === true && options.replace === true)
    throw new ToolError("invalid-argument", "--append and --replace options cannot be used together");
  checkNames(before(store, name, options), files);
  // The files may be large: they are copied before the lock is taken.
  await withArtifactLock(store, async () => undefined);
  const layers: Descriptor[] = [];
  for (const file of files) layers.push(await storeFile(store, file, options));
  return await withArtifactLock(store, async () => {
    const old = before(store, name, options);
    checkNames(old, files);
    const manifest = withLayers(old?.manifest ?? emptyManifest(options), layers);
    return commit(store, name, manifest, old);
  });
}

/** What is there under the name, when files are to be added to it. */
function before(store: ArtifactStore, name: string, options: AddArtifactOptions): Artifact | undefined {
  if (options.append === true) return requireArtifact(store, name);
  if (options.replace !== true && findArtifact(store, name)?.name === name)
    throw new ToolError("already-exists", `${name}: artifact already exists`);
  return undefined;
}

function checkNames(artifact: Artifact | undefined, files: readonly ArtifactFile[]): void {
  const taken = new Set(artifact?.manifest.layers.map((layer) => layer.annotations?.[TITLE]));
  for (const file of files) {
    const name = fileName(file);
    if (taken.has(name)) throw new ToolError("already-exists", `${name}: file already exists in artifact`);
    taken.add(name);
  }
}

function withLayers(manifest: ImageManifest, added: readonly Descriptor[]): ImageManifest {
  const titles = new Set(manifest.layers.map((layer) => layer.annotations?.[TITLE]));
  for (const { annotations } of added) {
    const title = annotations?.[TITLE];
    if (titles.has(title)) throw new ToolError("invalid-argument", `duplicate layers ${TITLE} labels within an artifact not allowed`);
    titles.add(title);
  }
  return { ...manifest, layers: [...manifest.layers, ...added] };
}

function emptyManifest({ artifactType, annotations }: AddArtifactOptions): ImageManifest {
  const created = new Date().toISOString();
  return {
    kind: "image",
    mediaType: OCI_MANIFEST,
    artifactType,
    config: EMPTY,
    layers: [],
    annotations: { ...annotations, [CREATED]: created },
    namesMediaType: true,
  };
}

async function storeFile(store: ArtifactStore, file: ArtifactFile, options: AddArtifactOptions): Promise<Descriptor> {
  const { head, stream } = await openFile(file);
  const place = layoutName(store);
  const destination = await openOciDestination(ociReference(place), place);
  const { digest, size } = await destination.putBlob(stream, { digest: "", size: -1, mediaType: "" }, { isConfig: false });
  return {
    mediaType: options.fileType ?? detectContentType(head),
    digest,
    size,
    annotations: { [TITLE]: fileName(file), ...options.annotations },
  };
}

async function openFile(file: ArtifactFile): Promise<{ readonly head: Uint8Array; readonly stream: ByteStream }> {
  if ("path" in file) return { head: headOf(file.path), stream: readFileStream(file.path) };
  const iterator = file.stream[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  for (let held = 0; held < SNIFFED_BYTES; ) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    chunks.push(value);
    held += value.length;
  }
  const begun = Buffer.concat(chunks);
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (begun.length > 0) yield begun;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  return { head: begun.subarray(0, SNIFFED_BYTES), stream: whole() };
}

function headOf(path: string): Uint8Array {
  try {
    const fd = openSync(path, "r");
    try {
      const head = Buffer.alloc(SNIFFED_BYTES);
      return head.subarray(0, readSync(fd, head));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fileError(error);
  }
}

function commit(store: ArtifactStore, name: string, manifest: ImageManifest, old: Artifact | undefined): string {
  const bytes = buildOciManifest(manifest);
  const digest = sha256(bytes);
  writeFileAtomic(layoutBlobPath(store.path, EMPTY.digest), "{}", { mode: 0o644 });
  writeFileAtomic(layoutBlobPath(store.path, digest), bytes, { mode: 0o644 });
  const index = parseManifestList(readFileSync(indexPath(store.path)), OCI_INDEX);
  const entry = { mediaType: OCI_MANIFEST, digest, size: bytes.length };
  writeIndex(store, replaceImage(index, entry, old?.name ?? name));
  return digest;
}

function fileName(file: ArtifactFile): string {
  return "path" in file ? basename(file.path) : file.name;
}
