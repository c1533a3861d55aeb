import { sha256 } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { buildManifestList, convertManifestList, updateInstances } from "../manifest/image-index.ts";
import { instanceCompression, markedAnnotations, zstdLast } from "../manifest/instance-compression.ts";
import type { Descriptor, ManifestList } from "../manifest/manifest.ts";
import { DOCKER_LIST, isListType, OCI_INDEX } from "../manifest/media-types.ts";
import { parseManifestList } from "../manifest/parse.ts";
import type { RawManifest } from "../transports/transport.ts";
import { copyOne, type OneImage, refuseSignatures } from "./copy-one.ts";
import type { CopyReport } from "./copy-options.ts";
import type { CompressionFormat } from "./recompress.ts";

/** Copies a manifest list with its images (`all`), or the list alone (`index-only`, whose images must be there already). */
export async function copyList(image: ListCopy): Promise<CopyReport> {
  const { destination, options, progress } = image;
  if (!destination.acceptsLists) {
    throw new ToolError(
      "unsupported",
      `copying multiple images: destination transport ${JSON.stringify(destination.reference.transport)} does not support copying multiple images as a group`,
    );
  }
  const list = parseManifestList(image.raw.bytes, image.raw.mediaType);
  if (options.policy !== undefined) await options.policy(image.source);
  const signatures = options.removeSignatures === true ? [] : await listSignatures(image);
  refuseSignatures(destination, signatures);
  refuseConversion(image, list, signatures.length > 0);
  const copied = options.multiArch === "index-only" ? alone(image, list) : await copyInstances(image, list);
  const written = await writeList(image, list, { ...copied, signed: signatures.length > 0 });
  const added = options.sign === undefined ? [] : await options.sign(written.manifest, (line) => progress.line(line));
  progress.line("Storing list signatures");
  if (signatures.length + added.length > 0) {
    await destination.putSignatures([...signatures, ...added]);
  }
  return written;
}

/** Told before anything is copied. @throws unsupported for a list that must stay and would have to become one of the other kind */
function refuseConversion(image: ListCopy, list: ManifestList, signed: boolean): void {
  const mediaType = listTypeFor(image, list.mediaType);
  if (mediaType === list.mediaType) return;
  const { options, destination } = image;
  const keep = signed
    ? "Would invalidate signatures"
    : destination.mustKeepManifest === true
      ? "Destination specifies a digest"
      : options.preserveDigests === true
        ? "Instructed to preserve digests"
        : undefined;
  if (keep === undefined) return;
  throw new ToolError(
    "unsupported",
    `Manifest list must be converted to type ${JSON.stringify(mediaType)} to be written to destination, but we cannot modify it: ${JSON.stringify(keep)}`,
  );
}

type ListCopy = Omit<OneImage, "asInstance" | "instance">;
type Instance = Pick<Descriptor, "digest" | "size" | "mediaType" | "annotations">;

/** What became of a list's images. */
interface CopiedInstances {
  /** By the digest that they had. */
  readonly changed: ReadonlyMap<string, Instance>;
  /** Images in compressions that their platform lacked. */
  readonly added: readonly Descriptor[];
}

/** The list without its images. */
function alone({ options, progress }: ListCopy, list: ManifestList): CopiedInstances {
  progress.line(`Copying 0 images generated from ${list.manifests.length} images in list`);
  if ((options.ensureCompressions ?? []).length > 0)
    throw new ToolError("unsupported", "images in other compressions can only be added to a list that is copied with all of its images");
  return { changed: new Map(), added: [] };
}

async function listSignatures(image: ListCopy): Promise<readonly Uint8Array[]> {
  image.progress.line("Getting image list signatures");
  const signatures = await image.source.signatures();
  if (signatures.length > 0) image.progress.line("Checking if image list destination supports signatures");
  return signatures;
}

async function copyInstances(image: ListCopy, list: ManifestList): Promise<CopiedInstances> {
  const changed = new Map<string, Instance>();
  const added: Descriptor[] = [];
  const marks = listTypeFor(image, list.mediaType) === OCI_INDEX;
  const tasks = plannedCopies(list, image.options.ensureCompressions ?? []);
  image.progress.line(`Copying ${tasks.length} images generated from ${list.manifests.length} images in list`);
  for (const [position, { entry, compression }] of tasks.entries()) {
    image.options.signal?.throwIfAborted();
    const count = `${position + 1}/${tasks.length}`;
    image.progress.line(`${compression === undefined ? "Copying" : "Replicating"} image ${entry.digest} (${count})`);
    const context = `${compression === undefined ? "copying" : "replicating"} image ${count} from manifest list`;
    const written = await copyInstance(image, entry, compression).catch((error: unknown) => {
      throw wrapError(context, error);
    });
    if (compression === undefined) {
      if (written.digest !== entry.digest || (marks && written.annotations !== entry.annotations)) changed.set(entry.digest, written);
    } else if (![entry.digest, changed.get(entry.digest)?.digest].includes(written.digest)) added.push({ ...entry, ...written });
  }
  return { changed, added };
}

interface PlannedCopy {
  readonly entry: Descriptor;
  /** For a copy of the image in another compression. */
  readonly compression?: CompressionFormat;
}

/** Every image, and behind it its copies in the compressions that no image of its platform has. */
function plannedCopies(list: ManifestList, compressions: readonly CompressionFormat[]): readonly PlannedCopy[] {
  const present = new Map<string, Set<string>>();
  const ofPlatform = (entry: Descriptor): Set<string> => {
    const key = JSON.stringify(entry.platform ?? null);
    const found = present.get(key) ?? new Set();
    present.set(key, found);
    return found;
  };
  for (const entry of list.manifests) ofPlatform(entry).add(instanceCompression(entry));
  return list.manifests.flatMap((entry) => {
    const missing = compressions.filter((compression) => !ofPlatform(entry).has(compression));
    for (const compression of missing) ofPlatform(entry).add(compression);
    return [{ entry }, ...missing.map((compression) => ({ entry, compression }))];
  });
}

async function copyInstance(image: ListCopy, entry: Descriptor, compression: CompressionFormat | undefined): Promise<Instance> {
  const raw = await image.source.manifest(entry.digest);
  const options =
    compression === undefined
      ? image.options
      : { ...image.options, compression: { ...levelFor(image, compression), format: compression, force: true } };
  const report = await copyOne({ ...image, options, raw, instance: entry.digest, asInstance: true });
  return {
    digest: report.digest,
    size: report.manifest.length,
    mediaType: report.mediaType,
    annotations: markedAnnotations(entry.annotations, report),
  };
}

/** A level belongs to the format that it was given for. */
function levelFor({ options }: ListCopy, format: CompressionFormat): { readonly level?: number } {
  const { compression } = options;
  return compression?.format === format && compression.level !== undefined ? { level: compression.level } : {};
}

async function writeList(image: ListCopy, list: ManifestList, state: CopiedInstances & { readonly signed: boolean }): Promise<CopyReport> {
  const mediaType = listTypeFor(image, list.mediaType);
  const keep = state.signed || image.options.preserveDigests === true || image.destination.mustKeepManifest === true;
  // A mark that is missing is no reason to break a digest.
  const moved = [...state.changed].filter(([digest, instance]) => !keep || instance.digest !== digest);
  const altered = moved.length > 0 || state.added.length > 0 || mediaType !== list.mediaType;
  if (altered && keep)
    throw new ToolError("unsupported", "the manifest list must be changed for the destination, which would break its signatures or digest");
  const updated = updateInstances(list, new Map(moved));
  const complete = state.added.length === 0 ? updated : { ...updated, manifests: zstdLast([...updated.manifests, ...state.added]) };
  const bytes = altered ? buildManifestList(convertManifestList(complete, mediaType)) : image.raw.bytes;
  image.progress.line("Writing manifest list to image destination");
  await image.destination.putManifest(bytes, mediaType);
  return { manifest: bytes, mediaType, digest: sha256(bytes) };
}

function listTypeFor(
  image: { readonly destination: OneImage["destination"]; readonly options: OneImage["options"]; readonly raw: RawManifest },
  current: string,
): string {
  const { format } = image.options;
  if (format !== undefined) return format.includes("oci") ? OCI_INDEX : DOCKER_LIST;
  const supported = image.destination.supportedManifestTypes.filter(isListType);
  return supported.length === 0 || supported.includes(current) ? current : (supported[0] ?? current);
}
