import { ToolError } from "@containers/common/errors/tool-error";
import * as z from "zod/mini";
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

const itemsSchema = z.array(
  z.looseObject({
    Config: z.string(),
    RepoTags: z.nullish(z.array(z.string())),
    Layers: z.nullish(z.array(z.string())),
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
  const parsed = itemsSchema.safeParse(value);
  if (!parsed.success) throw new ToolError("corrupt", `decoding tar ${ARCHIVE_MANIFEST}: not a list of images`);
  return parsed.data.map((item) => ({ config: item.Config, repoTags: item.RepoTags ?? [], layers: item.Layers ?? [] }));
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
