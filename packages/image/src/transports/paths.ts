import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/**
 * The absolute path without symbolic links, also where its last components do not exist yet. policy.json scopes
 * are such paths.
 */
export function explicitPath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(explicitPath(parent), basename(absolute));
}

/** The path and each directory above it except the root: the scopes that a policy may name. */
export function pathScopes(path: string): string[] {
  const scopes: string[] = [];
  for (let at = path; at !== "/" && at !== "."; at = dirname(at)) scopes.push(at);
  return scopes;
}
