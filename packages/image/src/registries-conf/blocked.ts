import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistriesConf, RegistryEntry } from "./types.ts";

/** @throws denied, naming the prefix and the files that block it */
export function refuseBlocked(entry: RegistryEntry, conf: RegistriesConf): void {
  if (!entry.blocked) return;
  const { file, directory } = conf.sources;
  throw new ToolError("denied", `registry ${entry.prefix} is blocked in ${file} or ${directory}`, { code: "registry-blocked" });
}
