import { lstatSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";

/**
 * A directory inside an image, as the directories that its layers have of it, top first: what overlay would show there. Links are not followed.
 * @throws not-found when no layer has it; unsupported when it is a file or a link
 */
export function subdirectories(
  sys: Pick<Sys, "lgetxattr">,
  layers: readonly string[],
  { source, subpath = "" }: { readonly source: string; readonly subpath?: string },
): string[] {
  const parts = subpath.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new ToolError("invalid-argument", `subpath ${subpath} of ${source} leads out of the image`);
  const found: string[] = [];
  for (const layer of layers) {
    const { path, hidesBelow } = descend(sys, layer, parts);
    if (path === "other" && found.length === 0)
      throw new ToolError("unsupported", `subpath ${subpath} of ${source} is no directory: only directories of images can be mounted`);
    if (path !== "other" && path !== undefined) found.push(path);
    if (hidesBelow || path === "other") break;
  }
  if (found.length === 0) throw new ToolError("not-found", `${subpath}: no such file or directory in image ${source}`, { exitCode: 127 });
  return found;
}

/** What a layer has of a path, and whether it hides what the layers below have. */
function descend(
  sys: Pick<Sys, "lgetxattr">,
  layer: string,
  parts: readonly string[],
): { readonly path: string | undefined; readonly hidesBelow: boolean } {
  let path = layer;
  let hidesBelow = false;
  for (const part of parts) {
    path = `${path}/${part}`;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return { path: undefined, hidesBelow };
    // A whiteout: gone in this layer.
    if (stat.isCharacterDevice() && stat.rdev === 0) return { path: undefined, hidesBelow: true };
    if (!stat.isDirectory()) return { path: "other", hidesBelow: true };
    hidesBelow ||= isOpaque(sys, path);
  }
  return { path, hidesBelow };
}

function isOpaque(sys: Pick<Sys, "lgetxattr">, path: string): boolean {
  return ["trusted.overlay.opaque", "user.overlay.opaque"].some((name) => {
    const value = sys.lgetxattr(path, name);
    return value !== undefined && Buffer.from(value).toString() === "y";
  });
}
