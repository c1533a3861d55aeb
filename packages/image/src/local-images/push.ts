import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageRecord } from "@containers/storage/store";
import { copyImage } from "../copy/copy-image.ts";
import type { CopyOptions, CopyReport } from "../copy/copy-options.ts";
import { storageReference } from "../transports/containers-storage/reference.ts";
import { parseImageName, transportOf } from "../transports/register.ts";
import type { ImageReference } from "../transports/transport.ts";
import type { SigningKeys } from "../trust/signer.ts";
import { copyOptions, pushCompression } from "./copy-options.ts";
import type { LocalImages } from "./local-images.ts";
import { requireLocalImage } from "./resolve-name.ts";
import { retriesFor, withRetries } from "./retry.ts";
import { throughCache } from "./through-cache.ts";

export interface PushOptions extends Pick<CopyOptions, "format" | "compression" | "removeSignatures" | "encryption"> {
  /** Of a manifest list, all of its images instead of the one for this machine. */
  readonly all?: boolean | undefined;
  /** Sign what is pushed, under the destination's name. */
  readonly signBy?: SigningKeys;
  /** Layers that are kept compressed in the blob cache are sent so; the default. */
  readonly compressedFromCache?: boolean;
  readonly retries?: number;
  /** Milliseconds. */
  readonly retryDelay?: number;
}

/**
 * Copies a local image to a registry or another place.
 *
 * @param destination a registry's name or `TRANSPORT:…`; by default the registry that the image's own name says
 * @returns the digest of the manifest as it is there
 * @throws not-found when there is no such local image; denied, unavailable
 */
export async function pushImage(
  images: LocalImages,
  name: string,
  destination = name,
  options: PushOptions = {},
): Promise<{ readonly digest: string }> {
  const { retries, retryDelay, signBy, all = false, compressedFromCache = true, ...given } = options;
  const { image, name: resolved } = requireLocalImage(images, name, all ? { manifestList: "list" } : {});
  const target = pushDestination(destination === name ? resolved : destination, destination);
  const stored = all ? await allOf(images, image) : storageReference(images.store, image.id);
  const source = await throughCache(images, stored, { compressed: compressedFromCache });
  const copy = { ...given, compression: await pushCompression(images, given.compression) };
  const sign = signBy === undefined ? undefined : await signerFor(target, signBy);
  const attempt = async (): Promise<CopyReport> =>
    copyImage(source, target, {
      ...(await copyOptions(images, { fromStore: true })),
      ...copy,
      sign,
      ...(all ? { multiArch: "all" as const } : {}),
    });
  const report = await withRetries(attempt, retriesFor(images, { retries, retryDelay }));
  return { digest: report.digest };
}

/** A manifest list with its images; an ordinary image is all there is of itself. */
async function allOf(images: LocalImages, image: ImageRecord): Promise<ImageReference> {
  const { loadList } = await import("../manifest-lists/list-record.ts");
  const { listReference } = await import("../manifest-lists/list-reference.ts");
  try {
    return listReference(images, loadList(images.store, image));
  } catch (error) {
    if (error instanceof ToolError && error.code === "not-a-manifest-list") return storageReference(images.store, image.id);
    throw error;
  }
}

/** What a copy to this place is signed with; the code for it is loaded when it is needed. */
export async function signerFor(target: ImageReference, signBy: SigningKeys): Promise<CopyOptions["sign"]> {
  const { openSigner } = await import("../trust/signer.ts");
  return openSigner(target.dockerReference, signBy, `${target.transport}:${target.withinTransport}`);
}

/** A name without a transport is a registry's; a short name there means docker.io, as for every registry client. */
function pushDestination(destination: string, typed: string): ImageReference {
  if (transportOf(destination) !== undefined) return parseImageName(destination);
  if (/^(sha256:)?[0-9a-f]{64}$/.test(destination)) {
    throw new ToolError("invalid-argument", `${typed}: an image referred to by id needs a destination`);
  }
  return parseImageName(`docker://${destination}`);
}
