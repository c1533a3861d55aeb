import { ToolError } from "@containers/common/errors/tool-error";
import { hasWildcards } from "@containers/common/fs/glob";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  RESOLVE_IN_ROOT,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from "@containers/common/sys/constants";
import type { Stat, Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { type IgnoreRules, isIgnored, mayHoldExceptions } from "../containerfile/ignore-file.ts";
import { joinPath, namesDirectory } from "../containerfile/instructions/add-copy.ts";
import { archiveEntries, archiveKind, holdsTar } from "./archive-entries.ts";
import type { ContentDigest } from "./content-digest.ts";
import { type CopyEntry, type EntryOverrides, overrideEntry } from "./entry.ts";
import { SourceTree } from "./source-tree.ts";
import { digestHeader, padding } from "./tar-header.ts";
import { openOrMakeDirectory, TargetTree } from "./write-tree.ts";

export interface CopyRequest {
  /** Host directory that the sources are below. */
  readonly sourceRoot: string;
  /** Paths or globs, relative to {@link sourceRoot}. */
  readonly sources: readonly string[];
  /** Mount point of the container. */
  readonly targetRoot: string;
  /** Absolute inside the container; a trailing slash makes it a directory. */
  readonly destination: string;
  readonly workingDir: string;
  readonly rules: IgnoreRules;
  /** Named in the error about files that were all left out. */
  readonly ignoreFile?: string;
  /** Unpack archives (ADD). */
  readonly extract: boolean;
  readonly overrides: EntryOverrides;
  /** Keep the sources' parent directories below the destination. */
  readonly parents: boolean;
  /** How the sum over what was copied is labelled in the history; default by what it is. */
  readonly digestKind?: "";
  /** Time of everything that is copied, in seconds since 1970. */
  readonly timestamp?: number;
}

interface SourceMatch {
  readonly path: string;
  readonly stat: Stat;
}

/** Copies files into a container; nothing outside the two roots is read or written. Adds to `digest`. */
export async function copyInto(sys: Sys, request: CopyRequest, digest: ContentDigest): Promise<void> {
  const tree = new SourceTree(sys, request.sourceRoot);
  try {
    const matches = request.sources.map((source) => ({ source, found: findSources(tree, source, request) }));
    const shape = await destinationShape(
      sys,
      tree,
      matches.flatMap((match) => match.found),
      request,
    );
    const target = openTarget(sys, request, shape.directory);
    try {
      for (const { source, found } of matches) {
        let copied = 0;
        for (const match of found) copied += await copyOne({ tree, target, request, digest }, match, shape.rename);
        if (copied === 0) throw nothingCopied(joinPath(request.sourceRoot, source), found.length, request.ignoreFile);
      }
      target.finish();
    } finally {
      target.close();
    }
  } finally {
    tree.close();
  }
}

function findSources(tree: SourceTree, source: string, request: CopyRequest): SourceMatch[] {
  const found = tree.glob(source).flatMap((path) => {
    const stat = tree.stat(path);
    return stat === undefined ? [] : [{ path, stat }];
  });
  if (found.length > 0) return found;
  const shown = JSON.stringify(joinPath(source));
  if (hasWildcards(source))
    throw new ToolError(
      "not-found",
      `checking on sources under ${JSON.stringify(request.sourceRoot)}: copier: stat: [${shown}]: no such file or directory`,
    );
  throw new ToolError(
    "not-found",
    `checking on sources under ${JSON.stringify(request.sourceRoot)}: copier: stat: ${shown}: no such file or directory`,
  );
}

interface DestinationShape {
  /** Directory in the container that entries go into. */
  readonly directory: string;
  /** Name of the one file that is copied, when the destination names a file. */
  readonly rename?: string;
}

/** A single file may be given a new name; everything else goes into a directory. */
async function destinationShape(
  sys: Sys,
  tree: SourceTree,
  found: readonly SourceMatch[],
  request: CopyRequest,
): Promise<DestinationShape> {
  const { destination } = request;
  const single = request.sources.length === 1 ? found[0] : undefined;
  const isFile = single !== undefined && (single.stat.mode & S_IFMT) === S_IFREG;
  const archive = isFile && request.extract && (await unpackable(tree, single.path)) !== undefined;
  const mustBeDirectory =
    namesDirectory(destination) ||
    request.sources.length > 1 ||
    joinPath(destination) === joinPath(request.workingDir) ||
    (single !== undefined && !isFile && (single.stat.mode & S_IFMT) === S_IFDIR) ||
    archive ||
    request.parents;
  const present = statInRoot(sys, request.targetRoot, destination);
  const file = present !== undefined && (present.mode & S_IFMT) === S_IFREG;
  if (file && mustBeDirectory) throw new ToolError("invalid-state", `destination ${destination} already exists but is not a directory`);
  if (!file && (present !== undefined || mustBeDirectory || !isFile)) return { directory: destination };
  const slash = destination.lastIndexOf("/");
  return { directory: slash <= 0 ? "/" : destination.slice(0, slash), rename: destination.slice(slash + 1) };
}

function statInRoot(sys: Sys, root: string, path: string): Stat | undefined {
  const rootFd = sys.openat2(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
  try {
    const fd = sys.openat2(rootFd, path, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
    try {
      return sys.fstatat(fd, "", AT_EMPTY_PATH);
    } finally {
      sys.close(fd);
    }
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  } finally {
    sys.close(rootFd);
  }
}

function openTarget(sys: Sys, request: CopyRequest, directory: string): TargetTree {
  const owner = request.overrides.owner ?? { uid: 0, gid: 0 };
  const rootFd = sys.openat2(AT_FDCWD, request.targetRoot, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
  try {
    return new TargetTree(sys, openOrMakeDirectory(sys, { root: rootFd, path: directory, owner }), owner);
  } catch (error) {
    throw new ToolError("invalid-state", `ensuring target directory exists: ${directory}`, { cause: error });
  } finally {
    sys.close(rootFd);
  }
}

interface CopyParts {
  readonly tree: SourceTree;
  readonly target: TargetTree;
  readonly request: CopyRequest;
  readonly digest: ContentDigest;
}

/** Copies one match; returns how many entries went over (the context itself counts even when it is empty). */
async function copyOne(parts: CopyParts, match: SourceMatch, rename: string | undefined): Promise<number> {
  const { tree, request, digest } = parts;
  const directory = (match.stat.mode & S_IFMT) === S_IFDIR;
  const ignored = match.path !== "." && isIgnored(request.rules, match.path);
  if (ignored && !(directory && request.rules.hasExceptions && mayHoldExceptions(request.rules, match.path))) return 0;
  const archive = !directory && request.extract ? await unpackable(tree, match.path) : undefined;
  const prefix = request.parents ? parentPrefix(match.path, directory) : "";
  digest.start(request.digestKind ?? (directory ? "dir" : "file"));
  let copied = directory && !ignored ? 1 : 0;
  const entries = archive === undefined ? tree.entries(match.path, request.rules) : archiveEntries(tree.content(match.path), archive);
  for await (const entry of entries) {
    const placed = placedEntry(entry, prefix, request.timestamp);
    await copyEntry(
      parts,
      archive === undefined ? overrideEntry(placed, { ...request.overrides, ...(rename === undefined ? {} : { rename }) }) : placed,
    );
    copied++;
  }
  digest.end();
  return copied;
}

function placedEntry(entry: CopyEntry, prefix: string, timestamp: number | undefined): CopyEntry {
  if (prefix === "" && timestamp === undefined) return entry;
  const mtime = timestamp === undefined ? entry.mtime : { sec: timestamp, nsec: 0 };
  return { ...entry, name: prefix + entry.name, mtime, content: () => entry.content() };
}

async function copyEntry(parts: CopyParts, entry: CopyEntry): Promise<void> {
  parts.digest.update(digestHeader(entry));
  await parts.target.write(entry, (bytes) => parts.digest.update(bytes));
  parts.digest.update(padding(entry.size));
}

async function unpackable(tree: SourceTree, path: string): Promise<ReturnType<typeof archiveKind>> {
  const kind = archiveKind(tree.head(path, 512));
  return kind !== undefined && (await holdsTar(tree.content(path), kind)) ? kind : undefined;
}

/** `--parents`: what goes before an entry's name; `/./` in a source cuts off what stands before it. */
function parentPrefix(path: string, directory: boolean): string {
  if (directory) return `${path}/`;
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash + 1);
}

function nothingCopied(path: string, filtered: number, ignoreFile: string | undefined): ToolError {
  const using = ignoreFile === undefined ? "" : ` using ${ignoreFile}`;
  return new ToolError(
    "not-found",
    `no items matching glob ${JSON.stringify(path)} copied (${filtered} filtered out${using}): no such file or directory`,
  );
}
