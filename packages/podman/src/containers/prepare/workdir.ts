import { ToolError } from "@containers/common/errors/tool-error";
import { mkdirAllInRoot, openInRoot } from "@containers/common/fs/open-in-root";
import { O_CLOEXEC, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";

/** The image's own working directory is made when it is missing; one that the user named must be there, in the image or a mount. */
export function requireWorkdir(sys: Sys, config: ContainerConfig, rootfs: string): void {
  if (config.workdir === "/" || config.mounts.some(({ target }) => isWithin(config.workdir, target) || isWithin(target, config.workdir)))
    return;
  if (isDirectory(sys, rootfs, config.workdir)) return;
  if (config.workdirFromImage) {
    makeOwnDirectories(sys, config, { rootfs, path: config.workdir });
    return;
  }
  throw new ToolError("not-found", `workdir "${config.workdir}" does not exist on container ${config.id}`, {
    exitCode: 126,
    code: "no-workdir",
  });
}

/** Makes a directory of the container's and those above it: every one that is made belongs to the container's root. */
export function makeOwnDirectories(
  sys: Sys,
  config: Pick<ContainerConfig, "idMappings">,
  { rootfs, path: wanted }: { readonly rootfs: string; readonly path: string },
): void {
  let path = "";
  for (const name of wanted.split("/").filter((part) => part !== "")) {
    path += `/${name}`;
    if (isDirectory(sys, rootfs, path)) continue;
    mkdirAllInRoot(sys, rootfs, path);
    const fd = openInRoot(sys, rootfs, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    try {
      giveToRoot(config, `/proc/self/fd/${fd}`);
    } finally {
      sys.close(fd);
    }
  }
}

/** A directory above a mount is made by the runtime, as one inside of a mount is looked for there. */
function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
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
