import { ToolError } from "@containers/common/errors/tool-error";
import { list, nullish, object, ShapeError, text } from "../../manifest/shape.ts";
import { parseNormalizedName, withDefaultTag } from "../../reference/reference.ts";
import type { ArchiveReader } from "../archive-file/archive-reader.ts";
import type { ArchiveName } from "./reference.ts";

/** One image of an archive, as manifest.json lists it. Names in it are looked up in the archive only, never in the file system. */
export interface ArchiveItem {
  readonly config: string;
  readonly repoTags: readonly string[];
  readonly layers: readonly string[];
}

export const ARCHIVE_MANIFEST = "manifest.json";
export const LEGACY_REPOSITORIES = "repositories";

const MAX_MANIFEST = 16 << 20;

const itemsShape = list(
  object({
    Config: text,
    RepoTags: nullish(list(text)),
    Layers: nullish(list(text)),
  }),
);

/** Reads manifest.json. Throws corrupt when it is none of an image archive's. */
export async function readArchiveManifest(reader: ArchiveReader): Promise<readonly ArchiveItem[]> {
  const bytes = await reader.read(ARCHIVE_MANIFEST, MAX_MANIFEST);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ToolError("corrupt", `decoding tar ${ARCHIVE_MANIFEST}`, { cause: error });
  }
  try {
    return itemsShape(value, "").map((item) => ({ config: item.Config, repoTags: item.RepoTags ?? [], layers: item.Layers ?? [] }));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ToolError("corrupt", `decoding tar ${ARCHIVE_MANIFEST}: not a list of images: ${error.message}`);
  }
}

/** The image that is meant. Throws not-found, or invalid-argument when several would do. */
export function selectItem(items: readonly ArchiveItem[], name: ArchiveName): ArchiveItem {
  if (name.index !== undefined) {
    const item = items[name.index];
    if (item === undefined)
      throw new ToolError("not-found", `Invalid source index @${name.index}, only ${items.length} manifest items available`, {
        code: "image-not-found",
      });
    return item;
  }
  if (name.name !== undefined) {
    const wanted = name.name.toString();
    const item = items.find((candidate) => candidate.repoTags.some((tag) => normalizedTag(tag) === wanted));
    if (item === undefined) throw new ToolError("not-found", `Tag ${JSON.stringify(wanted)} not found`, { code: "image-not-found" });
    return item;
  }
  const [only] = items;
  if (only === undefined || items.length > 1)
    throw new ToolError("invalid-argument", `Unexpected tar manifest.json: expected 1 item, got ${items.length}`, {
      hint: "name the image: docker-archive:PATH:NAME",
    });
  return only;
}

function normalizedTag(tag: string): string | undefined {
  try {
    return withDefaultTag(parseNormalizedName(tag)).toString();
  } catch {
    return undefined;
  }
}
