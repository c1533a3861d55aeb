import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageRecord, Store } from "@containers/storage/store";
import { choosePlatform } from "../../manifest/choose-platform.ts";
import { guessMediaType } from "../../manifest/guess-media-type.ts";
import { isListType } from "../../manifest/media-types.ts";
import { parseManifestList } from "../../manifest/parse.ts";
import { type NamedReference, parseName } from "../../reference/reference.ts";
import { manifestKey } from "./big-data-keys.ts";
import { mayBeIdPrefix, type StorageName } from "./reference.ts";

/** The image that a reference means. Throws not-found (code image-not-found). */
export function findImage(store: Store, name: StorageName): ImageRecord {
  const image = lookUp(store, name);
  if (image === undefined || (name.id !== undefined && name.named !== undefined && !isOfRepository(image, name.named))) {
    throw new ToolError(
      "not-found",
      `reference ${JSON.stringify(`[${store.driverName}@${store.graphRoot}+${store.runRoot}]${name.text}`)} does not resolve to an image ID: identifier is not an image`,
      {
        code: "image-not-found",
      },
    );
  }
  return image;
}

function lookUp(store: Store, name: StorageName): ImageRecord | undefined {
  if (name.id !== undefined) return store.images.get(name.id);
  const { named } = name;
  const byName = named === undefined ? undefined : store.images.get(named.toString());
  if (byName !== undefined) return byName;
  if (named?.digest !== undefined) return byDigest(store, named, named.digest);
  if (!mayBeIdPrefix(name.text)) return undefined;
  const byPrefix = store.images.get(name.text);
  return byPrefix?.id.startsWith(name.text) === true ? byPrefix : undefined;
}

/** Several platforms' images may stand under one list's digest: the one for this machine is preferred. */
function byDigest(store: Store, named: NamedReference, digest: string): ImageRecord | undefined {
  const candidates = store.images.findByDigest(digest).filter((image) => isOfRepository(image, named));
  return candidates.find((image) => isChosenOf(store, image, digest)) ?? candidates[0];
}

function isChosenOf(store: Store, image: ImageRecord, digest: string): boolean {
  const bytes = store.images.bigData(image.id, manifestKey(digest));
  if (bytes === undefined || !isListType(guessMediaType(bytes))) return false;
  try {
    return image.bigDataNames.includes(manifestKey(choosePlatform(parseManifestList(bytes)).digest));
  } catch {
    return false;
  }
}

function isOfRepository(image: ImageRecord, named: NamedReference): boolean {
  return image.names.some((text) => {
    try {
      return parseName(text).name === named.name;
    } catch {
      return false;
    }
  });
}
