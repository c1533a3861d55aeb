import { streamOf } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { buildManifestList } from "../manifest/image-index.ts";
import type { Descriptor } from "../manifest/manifest.ts";
import { OCI_INDEX } from "../manifest/media-types.ts";
import type { ImageReference, RawManifest } from "../transports/transport.ts";
import type { RandomImage } from "./random-image.ts";

/** What the image in memory is to be like, beyond its contents. */
export interface MemoryOptions {
  readonly signatures?: readonly Uint8Array[];
  /** Replaces the bytes of these blobs: to see that it is noticed. */
  readonly tampered?: ReadonlyMap<string, Uint8Array>;
  /** Hands out these blobs in its own way: slowly, or never. */
  readonly streams?: ReadonlyMap<string, () => AsyncIterable<Uint8Array>>;
}

/** A reference to one image in memory, or to a list of several. */
export function memoryReference(images: readonly RandomImage[], options: MemoryOptions = {}): ImageReference {
  const [single] = images;
  const toplevel = images.length === 1 && single !== undefined ? manifestOf(single) : listOf(images);
  const reference: ImageReference = {
    transport: "memory",
    withinTransport: "test",
    policyScopes: [],
    openSource: async () => ({
      reference,
      parallelBlobs: true,
      async manifest(instance) {
        if (instance === undefined) return toplevel;
        const found = images.find((image) => image.digest === instance);
        if (found === undefined) throw new ToolError("not-found", `no instance ${instance}`);
        return manifestOf(found);
      },
      async blob(info) {
        const bytes = options.tampered?.get(info.digest) ?? images.flatMap((image) => image.blobs.get(info.digest) ?? [])[0];
        if (bytes === undefined) throw new ToolError("not-found", `no blob ${info.digest}`);
        return { stream: options.streams?.get(info.digest)?.() ?? streamOf(bytes), size: bytes.length };
      },
      signatures: async () => options.signatures ?? [],
      close: async () => undefined,
    }),
    openDestination: async () => {
      throw new ToolError("unsupported", "memory images are read-only");
    },
    delete: async () => {
      throw new ToolError("unsupported", "memory images are read-only");
    },
  };
  return reference;
}

function manifestOf(image: RandomImage): RawManifest {
  return { bytes: image.manifest, mediaType: image.mediaType };
}

function listOf(images: readonly RandomImage[]): RawManifest {
  const manifests: Descriptor[] = images.map((image) => {
    const config = JSON.parse(new TextDecoder().decode(image.config)) as { architecture: string };
    return {
      mediaType: image.mediaType,
      digest: image.digest,
      size: image.manifest.length,
      platform: { os: "linux", architecture: config.architecture },
    };
  });
  return { bytes: buildManifestList({ mediaType: OCI_INDEX, manifests, namesMediaType: true }), mediaType: OCI_INDEX };
}
