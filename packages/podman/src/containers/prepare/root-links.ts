import { symlinkSync } from "node:fs";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { AT_SYMLINK_NOFOLLOW, O_CLOEXEC, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { hostIds } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";

/** Makes a symbolic link of the container's root in /etc, where nothing has the name yet and the root file system can be written to. */
export function linkInEtc(
  sys: Sys,
  container: { readonly config: Pick<ContainerConfig, "idMappings">; readonly root: string },
  link: { readonly name: string; readonly target: string },
): boolean {
  try {
    const etc = openInRoot(sys, container.root, "/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    try {
      symlinkSync(link.target, `/proc/self/fd/${etc}/${link.name}`);
      const { uid, gid } = hostIds(container.config, { uid: 0, gid: 0 });
      if (container.config.idMappings !== undefined) sys.fchownat(etc, link.name, uid, gid, AT_SYMLINK_NOFOLLOW);
      return true;
    } finally {
      sys.close(etc);
    }
  } catch (error) {
    if (["EEXIST", "ENOENT", "ENOTDIR", "EROFS"].includes(errnoCode(error) ?? "")) return false;
    throw error;
  }
}
