import { symlinkSync } from "node:fs";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { O_CLOEXEC, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Makes a symbolic link in the root's /etc, where nothing has the name yet and the root can be written to. */
export function linkInEtc(sys: Sys, root: string, link: { readonly name: string; readonly target: string }): boolean {
  try {
    const etc = openInRoot(sys, root, "/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    try {
      symlinkSync(link.target, `/proc/self/fd/${etc}/${link.name}`);
      return true;
    } finally {
      sys.close(etc);
    }
  } catch (error) {
    if (["EEXIST", "ENOENT", "ENOTDIR", "EROFS"].includes(errnoCode(error) ?? "")) return false;
    throw error;
  }
}
