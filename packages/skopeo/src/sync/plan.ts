import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { isNameOnly, parseNormalizedName, withTag } from "@containers/image/reference/reference";
import { parseImageName } from "@containers/image/transports/register";
import type { ImageReference, RegistryAccess } from "@containers/image/transports/transport";

export type SyncSource = "docker" | "dir" | "yaml";
export type SyncDestination = "docker" | "dir";

export interface SyncPlanOptions {
  readonly from: SyncSource;
  readonly to: SyncDestination;
  /** Keeps the whole name of the source below the destination, not its last word alone. */
  readonly scoped: boolean;
  /** Added to the tag or directory. */
  readonly appendSuffix: string;
  readonly registry: RegistryAccess;
  /** Told of what is looked for, and of what a yaml source names and cannot be had. */
  readonly log: SyncLog;
  readonly signal?: AbortSignal;
}

export type SyncLog = (level: "info" | "warning" | "error", message: string, fields?: Readonly<Record<string, string | boolean>>) => void;

/** One image to copy. */
export interface SyncStep {
  readonly source: ImageReference;
  /** How the source's registry is reached, where that differs from what the command says. */
  readonly access?: RegistryAccess;
  /** What follows the destination's transport: a directory or a registry's name. */
  readonly destination: string;
  /** The repository or directory that it comes from with others. */
  readonly group: string;
}

/**
 * What `sync` copies: of a repository every tag, of a directory every image below it, of a yaml file what it names.
 *
 * @throws not-found when there is nothing to copy
 */
export async function planSync(source: string, destination: string, options: SyncPlanOptions): Promise<readonly SyncStep[]> {
  const found = await sourceImages(source, options);
  if (found.length === 0 && options.from !== "yaml") throw new ToolError("not-found", `No images to sync found in "${source}"`);
  return found.map(({ reference, name, access, group }) => {
    const kept = options.scoped ? name : basename(name);
    return { source: reference, access, group, destination: `${posix.join(destination, kept)}${options.appendSuffix}` };
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
  readonly access?: RegistryAccess;
  readonly group: string;
}

async function sourceImages(source: string, options: SyncPlanOptions): Promise<readonly Found[]> {
  if (options.from === "dir") return directoryImages(source);
  if (options.from === "docker") return repositoryImages(source, options);
  const [{ yamlImages }, { listTags }] = await Promise.all([import("./source-yaml.ts"), import("@containers/image/registry-client/tags")]);
  const images = await yamlImages(source, {
    access: options.registry,
    listTags: (repository, registry) => listTags(repository, { registry, signal: options.signal }),
    log: options.log,
  });
  return images.map(({ name, access, group }) => ({ reference: parseImageName(`docker://${name}`), name: name.toString(), access, group }));
}

async function repositoryImages(source: string, options: SyncPlanOptions): Promise<readonly Found[]> {
  const named = parseNormalizedName(source);
  const found = (name: string): Found => ({ reference: parseImageName(`docker://${name}`), name, group: source });
  options.log("info", "Tag presence check", { imagename: source, tagged: !isNameOnly(named) });
  if (!isNameOnly(named)) return [found(named.toString())];
  const { listTags } = await import("@containers/image/registry-client/tags");
  options.log("info", "Getting tags", { image: named.name });
  try {
    const tags = await listTags(named, { registry: options.registry, signal: options.signal });
    return tags.map((tag) => found(withTag(named, tag).toString()));
  } catch (error) {
    // A repository that is not there is no image that is not there: exit code 1, as with the original.
    const kind = error instanceof ToolError ? error.kind : "internal";
    throw new ToolError(kind, `Error determining repository tags for repo ${named.name}: ${describeError(error)}`, { code: "no-tags" });
  }
}

function directoryImages(source: string): readonly Found[] {
  if (!existsSync(source) || !statSync(source).isDirectory()) {
    throw new ToolError("not-found", `Invalid source directory specified: stat ${source}: no such file or directory`);
  }
  return manifestDirectories(source).map((path) => ({
    reference: parseImageName(`dir:${path}`),
    group: source,
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
