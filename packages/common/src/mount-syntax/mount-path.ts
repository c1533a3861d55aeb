import { normalize, resolve } from "node:path";
import { ToolError } from "../errors/tool-error.ts";

/**
 * The path inside the container, cleaned.
 * @throws ToolError invalid-argument for a relative or empty one
 */
export function containerPath(path: string): string {
  if (path === "") throw new ToolError("invalid-argument", "container directory cannot be empty");
  if (!path.startsWith("/"))
    throw new ToolError("invalid-argument", `invalid container path ${JSON.stringify(path)}, must be an absolute path`);
  return cleanPath(path);
}

/** A host path made absolute; `~` is the shell's business and stays. */
export function hostPath(path: string): string {
  if (path === "") throw new ToolError("invalid-argument", "host directory cannot be empty");
  return resolve(path);
}

function cleanPath(path: string): string {
  const clean = normalize(path);
  return clean.length > 1 ? clean.replace(/\/+$/, "") : clean;
}
