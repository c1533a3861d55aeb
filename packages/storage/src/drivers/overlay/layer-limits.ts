import { parseSize } from "@containers/common/cli/flag-values/size";
import { ToolError } from "@containers/common/errors/tool-error";
import { fileSystemName } from "@containers/common/fs/file-system-name";
import type { ProjectAmounts, Sys } from "@containers/common/sys/sys";
import { inUserNamespace } from "../../id-shift/id-mapping.ts";
import { cannotLimit, limitDirectory } from "../../quota/project-quota.ts";

/** File systems that may have project quotas. */
const WITH_PROJECTS: ReadonlySet<string> = new Set(["xfs", "extfs"]);

export const NO_LIMITS: ProjectAmounts = { bytes: 0, inodes: 0 };

/** `size` of `--storage-opt` and storage.conf in bytes: docker's units, powers of 1024. */
export function parseLayerSize(value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined) throw new ToolError("invalid-argument", `invalid size: '${value}'`);
  return bytes;
}

export function parseLayerInodes(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new ToolError("invalid-argument", `storage option inodes must be a whole number, not ${JSON.stringify(value)}`);
}

/** Throws `unsupported` when limits are asked for every layer of a store whose file system can have none. */
export function requireLimits(sys: Sys, home: string, limits: ProjectAmounts): void {
  if (!limited(limits)) return;
  const found = fileSystemName(sys.statfs(home).type);
  if (WITH_PROJECTS.has(found)) return;
  throw new ToolError("unsupported", `storage option overlay.size and overlay.inodes only supported for backingFS XFS. Found ${found}`, {
    hint: `put ${home} on an xfs that is mounted with the option pquota`,
  });
}

/**
 * Gives the directory of a writable layer, which must be empty, the limits of the layer's own options, else the store's; without any, what it takes is
 * only counted. Throws `unsupported` when limits are asked and cannot be had.
 */
export function limitLayer(
  sys: Sys,
  place: { readonly home: string; readonly directory: string },
  asked: { readonly options: Readonly<Record<string, string>>; readonly store: ProjectAmounts },
): void {
  const explicit = Object.keys(asked.options).length > 0;
  const found = fileSystemName(sys.statfs(place.home).type);
  if (!explicit && !limited(asked.store) && (found !== "xfs" || inUserNamespace())) return;
  try {
    if (!WITH_PROJECTS.has(found)) throw unsupported();
    limitDirectory(sys, place.home, place.directory, explicit ? layerLimits(asked.options, asked.store) : asked.store);
  } catch (error) {
    if (!cannotLimit(error)) throw error;
    if (explicit) throw unsupported(error);
    if (!limited(asked.store)) return;
    throw new ToolError(
      "unsupported",
      "storage options overlay.size and overlay.inodes not supported. Filesystem does not support Project Quota",
      { cause: error, hint: HINT },
    );
  }
}

const HINT = "mount the file system with the option pquota (prjquota on ext4), as root";

function unsupported(cause?: unknown): ToolError {
  return new ToolError("unsupported", "--storage-opt is supported only for overlay over xfs with 'pquota' mount option", {
    hint: HINT,
    ...(cause === undefined ? {} : { cause }),
  });
}

function limited({ bytes, inodes }: ProjectAmounts): boolean {
  return bytes > 0 || inodes > 0;
}

function layerLimits(options: Readonly<Record<string, string>>, store: ProjectAmounts): ProjectAmounts {
  let { bytes, inodes } = store;
  for (const [key, value] of Object.entries(options)) {
    if (key.toLowerCase() === "size") bytes = parseLayerSize(value);
    else if (key.toLowerCase() === "inodes") inodes = parseLayerInodes(value);
    else throw new ToolError("invalid-argument", `unknown option ${key}`);
  }
  return { bytes, inodes };
}
