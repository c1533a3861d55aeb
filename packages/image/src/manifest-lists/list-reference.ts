import { streamOf } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import { manifestDigest } from "../manifest/manifest-digest.ts";
import { isSchema1, OCI_MANIFEST } from "../manifest/media-types.ts";
import { parseImageManifest } from "../manifest/parse.ts";
import { parseSchema1 } from "../manifest/schema1/schema1.ts";
import { storageReference } from "../transports/containers-storage/reference.ts";
import { parseImageName } from "../transports/register.ts";
import type { BlobInfo, ImageReference, ImageSource, RawManifest } from "../transports/transport.ts";
import { fileStream } from "./file-stream.ts";
import { memberContext } from "./find-member.ts";
import { buildListContent, preferredListType } from "./list-content.ts";
import type { ListRecord } from "./list-record.ts";

/** A list with its images as one thing to copy from, wherever each of them is. */
export function listReference(images: LocalImages, list: ListRecord): ImageReference {
  const stored = storageReference(images.store, `@${list.id}`);
  const reference: ImageReference = { ...stored, openSource: async () => openListSource(images, list, reference) };
  return reference;
}

function openListSource(images: LocalImages, list: ListRecord, reference: ImageReference): ImageSource {
  const members = new Members(images, list);
  return {
    reference,
    parallelBlobs: true,
    async manifest(instance) {
      if (instance === undefined) return { bytes: buildListContent(list.content), mediaType: preferredListType(list.content) };
      const artifact = list.artifacts.manifests[instance];
      if (artifact !== undefined) return { bytes: new TextEncoder().encode(artifact), mediaType: OCI_MANIFEST };
      const { source, within } = await members.open(instance);
      const raw = await source.manifest(within);
      members.remember(source, blobsOf(raw));
      return raw;
    },
    async blob(info, options) {
      const { detached, blobs } = list.artifacts;
      const file = detached[info.digest];
      const inline = blobs[info.digest];
      if (inline !== undefined) {
        const bytes = new Uint8Array(Buffer.from(inline, "base64"));
        return { stream: streamOf(bytes), size: bytes.length };
      }
      return file === undefined ? await members.holding(info).blob(info, options) : fileStream(file);
    },
    async signatures(instance) {
      if (instance === undefined || list.artifacts.manifests[instance] !== undefined) return [];
      const { source, within } = await members.open(instance);
      return await source.signatures(within);
    },
    findDamage: async (info) => await (await members.find(info))?.findDamage?.(info),
    async layerInfosForCopy(instance) {
      if (instance === undefined || list.artifacts.manifests[instance] !== undefined) return undefined;
      const { source, within } = await members.open(instance);
      const infos = await source.layerInfosForCopy?.(within);
      if (infos !== undefined) members.remember(source, infos);
      return infos;
    },
    compressedVariants: async (info) => (await members.find(info)?.compressedVariants?.(info)) ?? [],
    close: () => members.close(),
  };
}

function blobsOf({ bytes, mediaType }: RawManifest): readonly BlobInfo[] {
  if (isSchema1(mediaType)) return parseSchema1(bytes).layers.map(({ digest }) => ({ digest, size: -1 }));
  const { config, layers } = parseImageManifest(bytes, mediaType);
  return [config, ...layers];
}

/** Where an image of the list is. */
interface Member {
  readonly source: ImageSource;
  /** The image's digest, where the source is a list; undefined where it is all that is there. */
  readonly within: string | undefined;
}

/** The images' sources, each opened when first needed and kept to the end; blobs are asked of the one that names them. */
class Members {
  readonly #images: LocalImages;
  readonly #list: ListRecord;
  readonly #sources = new Map<string, Promise<ImageSource>>();
  readonly #holders = new Map<string, ImageSource>();

  constructor(images: LocalImages, list: ListRecord) {
    this.#images = images;
    this.#list = list;
  }

  async open(instance: string): Promise<Member> {
    const source = await this.#source(instance);
    // Not every place finds its only image by digest.
    const isWhole = manifestDigest((await source.manifest()).bytes) === instance;
    return { source, within: isWhole ? undefined : instance };
  }

  async #source(instance: string): Promise<ImageSource> {
    const place = this.#list.instances[instance];
    if (place === undefined) {
      throw new ToolError("not-found", `manifest list ${this.#list.id} does not say where the image ${instance} is`, {
        hint: "remove the entry from the list and add the image again",
      });
    }
    const known = this.#sources.get(place);
    if (known !== undefined) return await known;
    const opening = openPlace(this.#images, place);
    this.#sources.set(place, opening);
    return await opening;
  }

  remember(source: ImageSource, infos: readonly BlobInfo[]): void {
    for (const { digest } of infos) this.#holders.set(digest, source);
  }

  find(info: BlobInfo): ImageSource | undefined {
    return this.#holders.get(info.digest);
  }

  holding(info: BlobInfo): ImageSource {
    const source = this.find(info);
    if (source === undefined)
      throw new ToolError("not-found", `no image of the manifest list ${this.#list.id} has the blob ${info.digest}`);
    return source;
  }

  async close(): Promise<void> {
    for (const opening of this.#sources.values()) {
      // One that failed to open has been reported by whoever asked for it.
      const source = await opening.catch(() => undefined);
      await source?.close();
    }
  }
}

/** Our own store is open already: another one of the same place would only read everything again. */
async function openPlace(images: LocalImages, place: string): Promise<ImageSource> {
  const { store } = images;
  const inStore = /^containers-storage:\[([^\]]*)\](.+)$/.exec(place);
  const here = `${store.driverName}@${store.graphRoot}+${store.runRoot}`;
  const spec = inStore?.[1];
  const reference =
    spec !== undefined && (spec === here || spec.startsWith(`${here}:`))
      ? storageReference(store, inStore?.[2] ?? "")
      : parseImageName(place);
  return await reference.openSource(memberContext(images));
}
