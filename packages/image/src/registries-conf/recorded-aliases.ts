import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { wrapError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { withFileLock } from "@containers/common/fs/file-lock";
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

/**
 * Remembers what a short name stands for, for all later commands of this user: ours and the original's, which keep the same file.
 *
 * @param name without tag and digest
 * @param target a full name without tag and digest
 */
export function recordAlias(name: string, target: string, path = recordedAliasesPath()): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    withFileLock(`${path}.lock`, "write", () => {
      const aliases = new Map([...loadRecordedAliases(path)].map(([key, alias]) => [key, alias.target]));
      aliases.set(name, target);
      const lines = [...aliases]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `  ${JSON.stringify(key)} = ${JSON.stringify(value)}\n`);
      writeFileAtomic(path, `[aliases]\n${lines.join("")}`, { mode: 0o600 });
    });
  } catch (error) {
    throw wrapError(`recording short-name alias ("${name}"="${target}")`, error);
  }
}

function recordedAliasesPath(): string {
  const uid = Number(process.env["_CONTAINERS_ROOTLESS_UID"] ?? process.geteuid?.() ?? 0);
  const cache = uid === 0 ? "/var/cache" : process.env["XDG_CACHE_HOME"] || join(userHome(), ".cache");
  return join(cache, "containers/short-name-aliases.conf");
}
