import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";

const PLAIN_OPTIONS = new Set([
  "ro",
  "rw",
  "noexec",
  "exec",
  "nosuid",
  "suid",
  "nodev",
  "dev",
  "rbind",
  "bind",
  "shared",
  "rshared",
  "private",
  "rprivate",
  "slave",
  "rslave",
  "unbindable",
  "runbindable",
]);

export interface BuildVolume {
  readonly mount: SpecMount;
  /** `O`: what is written is dropped afterwards. */
  readonly overlay: boolean;
  /** `U`: everything in it is given to the user of the command. */
  readonly chown: boolean;
}

/** `-v /host/dir:/container/dir[:options]` for builds: host paths only. Throws invalid-argument and not-found. */
export function parseBuildVolume(text: string): BuildVolume {
  const [source = "", destination = "", optionText = "", extra] = text.split(":");
  if (extra !== undefined || destination === "" || source === "") {
    throw new ToolError("invalid-argument", `incorrect volume format ${JSON.stringify(text)}, should be host-dir:ctr-dir[:option]`);
  }
  if (!isAbsolute(destination))
    throw new ToolError("invalid-argument", `invalid container path ${JSON.stringify(destination)}, must be an absolute path`);
  if (!isAbsolute(source) && !source.startsWith("."))
    throw new ToolError("invalid-argument", `invalid host path, must be an absolute path ${JSON.stringify(source)}`);
  const path = resolve(source);
  if (!existsSync(path))
    throw new ToolError("not-found", `could not check if ${path} is accessible: stat ${path}: no such file or directory`);
  const options = optionText.split(",").filter((option) => option !== "");
  const unknown = options.find((option) => !PLAIN_OPTIONS.has(option) && !["z", "Z", "O", "U", "cached", "delegated"].includes(option));
  if (unknown !== undefined) throw new ToolError("invalid-argument", `invalid option type ${JSON.stringify(unknown)}`);
  const plain = options.filter((option) => PLAIN_OPTIONS.has(option));
  const propagation = plain.some((option) => /^r?(shared|private|slave|unbindable)$/.test(option)) ? [] : ["rprivate"];
  const kind = plain.includes("bind") || plain.includes("rbind") ? [] : ["rbind"];
  return {
    mount: { destination, type: "bind", source: path, options: [...kind, ...plain, ...propagation] },
    overlay: options.includes("O"),
    chown: options.includes("U"),
  };
}
