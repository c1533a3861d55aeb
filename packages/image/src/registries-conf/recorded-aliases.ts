import { readFileSync } from "node:fs";
import { join } from "node:path";
import { wrapError } from "@containers/common/errors/tool-error";
import { parseAliases } from "./parse.ts";
import { userHome } from "./paths.ts";
import type { ShortNameAlias } from "./types.ts";

/** The aliases that earlier menus recorded; they win over every configuration file. */
export function loadRecordedAliases(path = recordedAliasesPath()): ReadonlyMap<string, ShortNameAlias> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Absent or not readable: no choice was recorded for us.
    return new Map();
  }
  try {
    const parsed = Bun.TOML.parse(text) as { readonly aliases?: unknown };
    return parseAliases(parsed.aliases, path);
  } catch (error) {
    throw wrapError(`loading short-name aliases config file "${path}"`, error);
  }
}

function recordedAliasesPath(): string {
  const uid = Number(process.env["_CONTAINERS_ROOTLESS_UID"] ?? process.geteuid?.() ?? 0);
  const cache = uid === 0 ? "/var/cache" : process.env["XDG_CACHE_HOME"] || join(userHome(), ".cache");
  return join(cache, "containers/short-name-aliases.conf");
}
