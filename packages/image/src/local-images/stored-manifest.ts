import type { ImageRecord, Store } from "@containers/storage/store";

/** The manifest of a stored image, as far as the local operations look into it. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Set for an index or manifest list: the images it names. */
  readonly instances?: ReadonlyArray<{
    readonly digest: string;
    readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
  }>;
}

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const ociIndex = "application/vnd.oci.image.index.v1+json";

/** undefined when the image has no manifest that can be read. */
export function readStoredManifest(store: Store, image: ImageRecord): StoredManifest | undefined {
  const bytes = store.images.bigData(image.id, "manifest");
  if (bytes === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  const instances = Array.isArray(parsed["manifests"]) ? parsed["manifests"].filter(isObject) : undefined;
  const fallback = instances === undefined ? ociManifest : ociIndex;
  return {
    mediaType: typeof parsed["mediaType"] === "string" ? parsed["mediaType"] : fallback,
    annotations: isObject(parsed["annotations"]) ? (parsed["annotations"] as Readonly<Record<string, string>>) : {},
    instances: instances?.map((entry) => ({
      digest: String(entry["digest"]),
      platform: isObject(entry["platform"]) ? (entry["platform"] as { os?: string; architecture?: string; variant?: string }) : undefined,
    })),
  };
}

/** Whether the image is an index or manifest list: those have no layer, so most images are ruled out without a look inside. */
export function isManifestList(store: Store, image: ImageRecord): boolean {
  return image.layer === undefined && readStoredManifest(store, image)?.instances !== undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
