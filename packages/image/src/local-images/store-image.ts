import { sha256 } from "@containers/common/digest/digest";
import type { Store } from "@containers/storage/store";
import { goJsonBytes } from "../manifest/go-json.ts";

/** What an image is made of, its layers in the store already. */
export interface NewImage {
  /** The config, as it is to be written. */
  readonly config: Uint8Array;
  /** The manifest without its version and its config. */
  readonly manifest: { readonly mediaType: string; readonly layers: readonly object[]; readonly annotations?: object };
  readonly configType: string;
  readonly names: readonly string[];
  /** Id of the top layer. */
  readonly layer: string;
  readonly created: Date;
}

/** Writes the record of an image with its config and manifest; the image's id. */
export function storeImage(store: Store, image: NewImage): string {
  const { config, configType, names, layer, created } = image;
  const configDigest = sha256(config);
  const { mediaType, layers, annotations } = image.manifest;
  const manifest = goJsonBytes({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: configType, digest: configDigest, size: config.length },
    layers,
    ...(annotations === undefined ? {} : { annotations }),
  });
  const digest = sha256(manifest);
  const id = configDigest.slice("sha256:".length);
  store.images.create({
    id,
    names,
    layer,
    metadata: "{}",
    created,
    digest,
    bigData: [
      { key: configDigest, data: config, digest: configDigest },
      { key: `manifest-${digest}`, data: manifest, digest },
      { key: "manifest", data: manifest, digest },
    ],
  });
  return id;
}
