import { ToolError } from "@containers/common/errors/tool-error";
import { mkdirAllInRoot, openInRoot } from "@containers/common/fs/open-in-root";
import { O_CLOEXEC, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { ContainerConfig } from "../config.ts";

/** The image's own working directory is made when it is missing; one that the user named must be there, in the image or a mount. */
export function requireWorkdir(sys: Sys, config: ContainerConfig, rootfs: string): void {
  if (config.workdir === "/" || config.mounts.some(({ target }) => config.workdir === target || config.workdir.startsWith(`${target}/`)))
    return;
  if (isDirectory(sys, rootfs, config.workdir)) return;
  if (config.workdirFromImage) {
    mkdirAllInRoot(sys, rootfs, config.workdir);
    return;
  }
  throw new ToolError("not-found", `workdir "${config.workdir}" does not exist on container ${config.id}`, {
    exitCode: 126,
    code: "no-workdir",
  });
}

function isDirectory(sys: Sys, root: string, path: string): boolean {
  try {
    sys.close(openInRoot(sys, root, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    return true;
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}
