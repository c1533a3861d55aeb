import type { ImageReference } from "../transports/transport.ts";
import type { LocalImages } from "./local-images.ts";

/** The reference, with the blob cache before it where there is one. `compressed`: what is read from it may come in a form that was kept compressed. */
export async function throughCache(
  { blobCache, warn }: Pick<LocalImages, "blobCache" | "warn">,
  reference: ImageReference,
  options: { readonly compressed?: boolean } = {},
): Promise<ImageReference> {
  if (blobCache === undefined) return reference;
  const { cachedReference } = await import("../transports/blob-cache/cached-reference.ts");
  return cachedReference(reference, { directory: blobCache, ...(warn === undefined ? {} : { warn }), ...options });
}
