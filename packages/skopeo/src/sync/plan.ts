import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { isNameOnly, parseNormalizedName, withTag } from "@containers/image/reference/reference";
import { parseImageName } from "@containers/image/transports/register";
import type { ImageReference, RegistryAccess } from "@containers/image/transports/transport";

export type SyncSource = "docker" | "dir";
export type SyncDestination = "docker" | "dir";

export interface SyncPlanOptions {
  readonly from: SyncSource;
  readonly to: SyncDestination;
  /** Keeps the whole name of the source below the destination, not its last word alone. */
  readonly scoped: boolean;
  /** Added to the tag or directory. */
  readonly appendSuffix: string;
  readonly registry: RegistryAccess;
  readonly signal?: AbortSignal;
}

/** One image to copy. */
export interface SyncStep {
  readonly source: ImageReference;
  /** What follows the destination's transport: a directory or a registry's name. */
  readonly destination: string;
}

/**
 * What `sync` copies: of a repository every tag, of a directory every image below it.
 *
 * @throws not-found when there is nothing to copy
 */
export async function planSync(source: string, destination: string, options: SyncPlanOptions): Promise<readonly SyncStep[]> {
  const found = options.from === "docker" ? await repositoryImages(source, options) : directoryImages(source);
  if (found.length === 0) throw new ToolError("not-found", `No images to sync found in "${source}"`);
  return found.map(({ reference, name }) => {
    const kept = options.scoped ? name : basename(name);
    return { source: reference, destination: `${posix.join(destination, kept)}${options.appendSuffix}` };
  });
}

/**
 * The reference of a step's destination; a directory must not be there yet.
 *
 * @throws already-exists
 */
export function syncDestination(step: SyncStep, to: SyncDestination): ImageReference {
  if (to === "docker") return parseImageName(`docker://${step.destination}`);
  if (existsSync(step.destination))
    throw new ToolError("already-exists", `Refusing to overwrite destination directory "${step.destination}"`);
  return parseImageName(`dir:${step.destination}`);
}

interface Found {
  readonly reference: ImageReference;
  /** Where it stands in its source, as a path. */
  readonly name: string;
}

async function repositoryImages(source: string, options: SyncPlanOptions): Promise<readonly Found[]> {
  const named = parseNormalizedName(source);
  const found = (name: string): Found => ({ reference: parseImageName(`docker://${name}`), name });
  if (!isNameOnly(named)) return [found(named.toString())];
  const { listTags } = await import("@containers/image/registry-client/tags");
  try {
    const tags = await listTags(named, { registry: options.registry, signal: options.signal });
    return tags.map((tag) => found(withTag(named, tag).toString()));
  } catch (error) {
    throw wrapError(`Error determining repository tags for repo ${named.name}`, error);
  }
}

function directoryImages(source: string): readonly Found[] {
  if (!existsSync(source) || !statSync(source).isDirectory()) {
    throw new ToolError("not-found", `Invalid source directory specified: stat ${source}: no such directory`);
  }
  return manifestDirectories(source).map((path) => ({
    reference: parseImageName(`dir:${path}`),
    name: path === source ? basename(source) : path.slice(source.length).replace(/^\/+/, ""),
  }));
}

/** Directories that hold a manifest.json; nothing is looked for below them. */
function manifestDirectories(directory: string): readonly string[] {
  if (existsSync(join(directory, "manifest.json"))) return [dirname(join(directory, "manifest.json"))];
  const entries = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries
    .map((entry) => entry.name)
    .sort()
    .flatMap((name) => manifestDirectories(join(directory, name)));
}
