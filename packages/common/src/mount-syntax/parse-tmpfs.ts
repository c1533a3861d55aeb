import { ToolError } from "../errors/tool-error.ts";
import { containerPath } from "./mount-path.ts";
import type { MountRequest } from "./mount-request.ts";

const flags = new Set([
  "rw",
  "ro",
  "nosuid",
  "suid",
  "nodev",
  "dev",
  "noexec",
  "exec",
  "sync",
  "async",
  "dirsync",
  "noatime",
  "nodiratime",
  "relatime",
  "strictatime",
  "tmpcopyup",
  "notmpcopyup",
  "U",
  "private",
  "rprivate",
  "shared",
  "rshared",
  "slave",
  "rslave",
  "unbindable",
  "runbindable",
  "noswap",
]);
const settings = new Set(["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"]);

/**
 * `--tmpfs /container[:options]`.
 * @throws ToolError invalid-argument
 */
export function parseTmpfs(text: string): MountRequest {
  const colon = text.indexOf(":");
  const target = containerPath(colon === -1 ? text : text.slice(0, colon));
  const options =
    colon === -1
      ? []
      : text
          .slice(colon + 1)
          .split(",")
          .filter((option) => option !== "");
  return { type: "tmpfs", target, options: checkTmpfsOptions(options) };
}

/** @throws ToolError invalid-argument for an option that tmpfs has not */
export function checkTmpfsOptions(options: readonly string[]): readonly string[] {
  for (const option of options) {
    const [name = "", value] = option.split("=", 2);
    if (value === undefined ? flags.has(name) : settings.has(name)) continue;
    throw new ToolError("invalid-argument", `unknown mount option ${JSON.stringify(option)}: invalid mount option`);
  }
  return options;
}
