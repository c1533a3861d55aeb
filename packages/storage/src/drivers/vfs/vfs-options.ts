import { ToolError } from "@containers/common/errors/tool-error";
import { parseBooleanOption, splitOption } from "../driver-options.ts";

/** The `vfs.*` options of storage.conf and `--storage-opt`. */
export interface VfsOptions {
  /** Other stores' graph roots whose layers can be used, not changed. */
  readonly additionalStores: readonly string[];
  readonly ignoreChownErrors: boolean;
}

/** Reads options in the form `vfs.KEY=VALUE` (also `.KEY`); those of overlay, which storage.conf may have for a store that cannot use it, are passed over. */
export function parseVfsOptions(options: readonly string[]): VfsOptions {
  const additionalStores: string[] = [];
  let ignoreChownErrors = false;
  for (const option of options) {
    if (option === "") continue;
    const { key, value } = splitOption(option);
    if (/^(vfs|overlay)?\.imagestore$/.test(key)) additionalStores.push(...value.split(",").filter((part) => part !== ""));
    else if (/^(vfs)?\.ignore_chown_errors$/.test(key)) ignoreChownErrors = parseBooleanOption(key, value);
    else if (key === "vfs.mountopt") throw new ToolError("invalid-argument", "vfs driver does not support mount options");
    else if (!key.startsWith("overlay.")) throw new ToolError("invalid-argument", `vfs driver does not support ${key} options`);
  }
  return { additionalStores, ignoreChownErrors };
}
