import { mkdirSync } from "node:fs";
import { MNT_DETACH, MS_NODEV, MS_NOEXEC, MS_NOSUID } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Mounts the container's /dev/shm, so that containers which share its ipc namespace share this too. Returns the path. */
export function mountShm(sys: Sys, staticDir: string, size: number): string {
  const path = `${staticDir}/shm`;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  sys.mount("shm", path, "tmpfs", MS_NOEXEC | MS_NOSUID | MS_NODEV, `mode=1777,size=${size}`);
  return path;
}

/** No error when it is not mounted. */
export function unmountShm(sys: Sys, staticDir: string): void {
  try {
    sys.umount2(`${staticDir}/shm`, MNT_DETACH);
  } catch (error) {
    const code = errnoCode(error);
    if (code !== "EINVAL" && code !== "ENOENT") throw error;
  }
}
