import { sha256 } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { buildManifestList, convertManifestList, updateInstances } from "../manifest/image-index.ts";
import type { Descriptor, ManifestList } from "../manifest/manifest.ts";
import { DOCKER_LIST, isListType, OCI_INDEX } from "../manifest/media-types.ts";
import { parseManifestList } from "../manifest/parse.ts";
import type { RawManifest } from "../transports/transport.ts";
import { copyOne, type OneImage } from "./copy-one.ts";
import type { CopyReport } from "./copy-options.ts";

/** Copies a manifest list with its images (`all`), or the list alone (`index-only`, whose images must be there already). */
export async function copyList(image: Omit<OneImage, "asInstance" | "instance">): Promise<CopyReport> {
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
  const changed = options.multiArch === "index-only" ? new Map<string, Instance>() : await copyInstances(image, list);
  const written = await writeList(image, list, { changed, signed: signatures.length > 0 });
  const added = options.sign === undefined ? [] : await options.sign(written.manifest);
  if (signatures.length + added.length > 0) {
    progress.line("Storing list signatures");
    await destination.putSignatures([...signatures, ...added]);
  }
  return written;
}

type Instance = Pick<Descriptor, "digest" | "size" | "mediaType">;

async function listSignatures(image: Omit<OneImage, "asInstance" | "instance">): Promise<readonly Uint8Array[]> {
  image.progress.line("Getting image list signatures");
  return await image.source.signatures();
}

async function copyInstances(image: Omit<OneImage, "asInstance" | "instance">, list: ManifestList): Promise<Map<string, Instance>> {
  const changed = new Map<string, Instance>();
  const total = list.manifests.length;
  image.progress.line(`Copying ${total} images generated from ${total} images in list`);
  for (const [position, entry] of list.manifests.entries()) {
    image.options.signal?.throwIfAborted();
    image.progress.line(`Copying image ${entry.digest} (${position + 1}/${total})`);
    try {
      const raw = await image.source.manifest(entry.digest);
      const report = await copyOne({ ...image, raw, instance: entry.digest, asInstance: true });
      if (report.digest !== entry.digest)
        changed.set(entry.digest, { digest: report.digest, size: report.manifest.length, mediaType: report.mediaType });
    } catch (error) {
      throw wrapError(`copying image ${position + 1}/${total} from manifest list`, error);
    }
  }
  return changed;
}

async function writeList(
  image: Omit<OneImage, "asInstance" | "instance">,
  list: ManifestList,
  state: { readonly changed: ReadonlyMap<string, Instance>; readonly signed: boolean },
): Promise<CopyReport> {
  const mediaType = listTypeFor(image, list.mediaType);
  const altered = state.changed.size > 0 || mediaType !== list.mediaType;
  if (altered && (state.signed || image.options.preserveDigests === true || image.destination.mustKeepManifest === true)) {
    throw new ToolError("unsupported", "the manifest list must be changed for the destination, which would break its signatures or digest");
  }
  const bytes = altered ? buildManifestList(convertManifestList(updateInstances(list, state.changed), mediaType)) : image.raw.bytes;
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
