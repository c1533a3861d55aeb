import { chmodSync, mkdtempSync, rmdirSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { reexecArguments } from "@containers/common/process/reexec";
import { CLONE_NEWNS, MS_BIND, MS_REC, MS_SLAVE } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/**
 * A place at which the runtime sees a container's root file system. Inside the container's user namespace it may not walk through the
 * directories above the real one, which belong to ids that the namespace does not have.
 */
export interface RuntimeRoot {
  readonly path: string;
  /** To be called when the runtime has made the container. */
  remove(): void;
}

/** Makes the place, an empty directory: only the runtime gets something mounted there. */
export function makeRuntimeRoot(rootless: boolean): RuntimeRoot {
  const path = mkdtempSync(`${rootless ? "/var/tmp" : "/run"}/podman-root-`);
  chmodSync(path, 0o755);
  return {
    path,
    remove: () => {
      try {
        rmdirSync(path);
      } catch {
        // Nothing depends on it: an empty directory stays.
      }
    },
  };
}

/** The runtime's program and first arguments, so that it starts in a mount namespace with `rootfs` at the place. */
export function runtimeWithRoot(program: string, rootfs: string, root: RuntimeRoot): { readonly path: string; readonly args: string[] } {
  const { file, args } = reexecArguments("runtime-root", [rootfs, root.path, program]);
  return { path: file, args: [...args] };
}

/** The re-entry point `runtime-root ROOTFS PLACE PROGRAM [ARG…]`: binds the one to the other, for itself alone, and becomes the program. */
export function execWithRoot(sys: Sys, args: readonly string[]): never {
  const [rootfs, place, program, ...rest] = args;
  if (rootfs === undefined || place === undefined || program === undefined) {
    throw new ToolError("invalid-argument", "expected ROOTFS PLACE PROGRAM [ARG…]");
  }
  sys.unshare(CLONE_NEWNS);
  // What is unmounted outside must not be kept busy in here.
  sys.mount("", "/", "none", MS_SLAVE | MS_REC, null);
  sys.mount(rootfs, place, "none", MS_BIND | MS_REC, null);
  const env = Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  return sys.execve(program, [program, ...rest], env);
}
