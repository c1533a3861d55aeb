import { digestHex } from "@containers/common/digest/digest";

/** The newest manifest; also what an image's own digest is taken from. */
export const MANIFEST_KEY = "manifest";
export const SIGNATURES_KEY = "signatures";

/** A manifest by its digest: an image may hold its own and that of the list it was chosen from. */
export function manifestKey(digest: string): string {
  return `manifest-${digest}`;
}

export function signatureKey(digest: string): string {
  return `signature-${digestHex(digest)}`;
}

/** An image's metadata, as the original tools write it: sizes of the signatures that stand one after the other in the big data. */
export interface ImageMetadata {
  readonly "signature-sizes"?: readonly number[];
  readonly "signatures-sizes"?: Readonly<Record<string, readonly number[]>>;
}

/** Metadata of any origin; what is not as expected counts as absent. */
export function parseMetadata(text: string | undefined): ImageMetadata {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as ImageMetadata) : {};
  } catch {
    return {};
  }
}
