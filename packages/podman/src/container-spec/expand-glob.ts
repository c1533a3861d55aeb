import { lstatSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { hasWildcards, matchGlob } from "@containers/common/fs/glob";
import type { VolumeSpec } from "./volume-spec.ts";

/** A mount that stands at one place. */
export type SingleVolume = Exclude<VolumeSpec, { readonly type: "glob" }>;

/** A mount of what a pattern fits is as many binds as there are paths; any other is itself. @throws ToolError not-found where nothing fits */
export function expandGlob(volume: VolumeSpec): SingleVolume[] {
  if (volume.type !== "glob") return [volume];
  const paths = fittingPaths(volume.source);
  if (paths.length === 0)
    throw new ToolError("not-found", `no file paths matching glob ${JSON.stringify(volume.source)}`, { exitCode: 125 });
  return paths.map((source) => ({
    type: "bind",
    source,
    target: volume.target === undefined ? source : posix.join(volume.target, posix.basename(source)),
    options: volume.options,
  }));
}

/** Paths that an absolute pattern fits, in order; what cannot be read has nothing in it. */
function fittingPaths(pattern: string): string[] {
  const parts = pattern.split("/").filter((part) => part !== "");
  const fits = (directories: readonly string[], part: string): string[] => {
    if (!hasWildcards(part)) {
      const name = part.replace(/\\(.)/g, "$1");
      return directories
        .map((directory) => `${directory}/${name}`)
        .filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
    }
    if (matchGlob(part, "") === undefined) throw new ToolError("invalid-argument", "syntax error in pattern");
    return directories.flatMap((directory) =>
      namesIn(directory)
        .filter((name) => matchGlob(part, name) === true)
        .map((name) => `${directory}/${name}`),
    );
  };
  return parts.reduce(fits, [""]);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory === "" ? "/" : directory).sort();
  } catch {
    return [];
  }
}
