import { ToolError } from "@containers/common/errors/tool-error";
import type { NamedReference } from "../reference/reference.ts";
import type { LocalImages } from "./local-images.ts";
import { normalizeName } from "./normalize-name.ts";
import { requireLocalImage } from "./resolve-name.ts";

/**
 * Gives a local image more names; a name that another image has moves here.
 *
 * @throws not-found, invalid-argument (a digest is no tag)
 */
export function tagImage(images: LocalImages, name: string, tags: readonly string[]): void {
  const { image } = requireLocalImage(images, name, { manifestList: "list" });
  const names = tags.map((tag) => tagName(tag, "tag").toString());
  // One by one, so that the last one leads, as the original has it.
  for (const full of names) images.store.images.addNames(image.id, [full]);
}

/**
 * Takes names from a local image; without names, all of them.
 *
 * @throws not-found for an unknown image or a name that it does not have
 */
export function untagImage(images: LocalImages, name: string, tags: readonly string[] = []): void {
  const { image } = requireLocalImage(images, name);
  if (tags.length === 0) {
    images.store.images.removeNames(image.id, image.names);
    return;
  }
  for (const tag of tags) {
    const full = tagName(tag, "untag").toString();
    if (!image.names.includes(full)) throw new ToolError("not-found", `${full}: tag not known`);
    images.store.images.removeNames(image.id, [full]);
  }
}

function tagName(tag: string, deed: "tag" | "untag"): NamedReference {
  const reference = tag.startsWith("sha256:") ? undefined : normalizeName(tag);
  if (reference === undefined || (deed === "tag" && reference.digest !== undefined)) {
    throw new ToolError("invalid-argument", `${tag}: ${deed} by digest not supported`);
  }
  return reference;
}
