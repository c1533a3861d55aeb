import { ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import { normalizeName } from "../local-images/normalize-name.ts";
import { isManifestList } from "../local-images/stored-manifest.ts";
import type { PlatformChoice } from "../transports/transport.ts";
import { addToList } from "./add.ts";
import { annotateIndex } from "./annotate.ts";
import { emptyList } from "./list-content.ts";
import { createListRecord, notAList } from "./list-record.ts";

export interface CreateListOptions {
  /** Take the list that has the name already. */
  readonly amend?: boolean;
  /** Of images that are lists, add all. */
  readonly all?: boolean;
  /** Of images that are lists, the one for this platform. */
  readonly platform?: PlatformChoice;
  readonly annotations?: Readonly<Record<string, string>>;
  /** More to say when the name is taken. */
  readonly inUseAdvice?: string;
}

/**
 * Makes a manifest list with these images.
 *
 * @returns its id
 * @throws already-exists when the name is taken
 */
export async function createList(
  images: LocalImages,
  name: string,
  members: readonly string[],
  options: CreateListOptions = {},
): Promise<string> {
  if (name === "") throw new ToolError("invalid-argument", "no name specified for creating a manifest list");
  const id = newOrAmended(images, name, options);
  if (options.annotations !== undefined) await annotateIndex(images, id, { annotations: options.annotations });
  for (const member of members) await addToList(images, id, member, { all: options.all, platform: options.platform });
  return id;
}

function newOrAmended(images: LocalImages, name: string, options: CreateListOptions): string {
  const full = normalizeName(name).toString();
  const holder = images.store.images.list().find((image) => image.names.includes(full));
  if (holder === undefined) return createListRecord(images.store, [full], emptyList);
  if (options.amend !== true) {
    throw new ToolError(
      "already-exists",
      `image name "${full}" is already associated with image "${holder.id}": that name is already in use${options.inUseAdvice ?? ""}`,
    );
  }
  if (!isManifestList(images.store, holder)) throw notAList(full);
  return holder.id;
}
