import { readdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";
import type { ProjectAmounts } from "@containers/common/sys/sys";
import { cannotLimit, limitDirectory } from "@containers/storage/quota/project-quota";

/**
 * Limits what a volume may take. Its directory must be empty, and is taken away when it cannot be limited.
 * @throws unsupported where the file system has no project quotas, or the user may not set them
 */
export function limitVolume(directory: string, limits: ProjectAmounts): void {
  try {
    limitDirectory(linuxSys(), dirname(directory), directory, limits);
  } catch (cause) {
    // What was there before stays.
    if (readdirSync(directory).length === 0) rmdirSync(directory);
    if (!cannotLimit(cause)) throw cause;
    throw new ToolError("unsupported", "volume options size and inodes not supported. Filesystem does not support Project Quota", {
      cause,
      hint: `${dirname(directory)} must be on an xfs that is mounted with the option pquota (ext4: prjquota), and the user root; or use a volume of the type tmpfs`,
    });
  }
}
