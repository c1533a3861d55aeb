import type { Store } from "@containers/storage/store";
import { findImage } from "./find-image.ts";
import type { StorageName } from "./reference.ts";

/** Removes the image with all its names, and the layers that nothing else stands on. */
export function deleteFromStorage(name: StorageName, store: Store): void {
  store.images.remove(findImage(store, name).id);
}
