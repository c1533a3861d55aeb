import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import { type RemoveImagesResult, removeImages } from "../local-images/remove.ts";
import { removeEntry } from "./list-content.ts";
import { changeList, requireList } from "./list-record.ts";

/**
 * Takes an entry out of a list; the image it stands for stays.
 *
 * @throws not-found
 */
export async function removeFromList(images: LocalImages, id: string, digest: string): Promise<void> {
  await changeList(images.store, id, (list) => {
    const { [digest]: _gone, ...instances } = list.instances;
    return { ...list, content: removeEntry(list.content, digest), instances };
  });
}

/** Removes whole lists by name; ordinary images are refused. One that fails does not stop the others. */
export async function removeLists(
  images: LocalImages,
  names: readonly string[],
  options: { readonly ignore?: boolean } = {},
): Promise<RemoveImagesResult> {
  const reports: Array<RemoveImagesResult["reports"][number]> = [];
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      requireList(images, name);
      const result = await removeImages(images, [name], { manifestList: "list" });
      reports.push(...result.reports);
      errors.push(...result.errors);
    } catch (error) {
      if (options.ignore !== true || !isErrorOfKind(error, "not-found")) errors.push(error);
    }
  }
  return { reports, errors };
}
