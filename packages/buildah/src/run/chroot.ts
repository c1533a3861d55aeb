import { waitForExit } from "@containers/common/oci-runtime/run-once";
import { reexecArguments } from "@containers/common/process/reexec";
import type { Sys } from "@containers/common/sys/sys";

/** The re-entry point of the program that becomes a command in a changed root. */
const CHROOT_ENTRY = "buildah-chroot";

/**
 * Runs a bundle without an OCI runtime: this program started again changes its root and becomes the command. Network, processes and
 * devices are this machine's.
 */
export async function runInChroot(
  sys: Sys,
  run: { readonly bundle: string; readonly stdio: readonly [stdin: number, stdout: number, stderr: number]; readonly signal?: AbortSignal },
): Promise<number> {
  const { file, argv0, args } = reexecArguments(CHROOT_ENTRY, [run.bundle]);
  const [stdin, stdout, stderr] = run.stdio;
  const env = Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  const pid = sys.spawn({
    path: file,
    argv: [argv0, ...args],
    env,
    descriptors: [
      [stdin, 0],
      [stdout, 1],
      [stderr, 2],
    ],
  });
  const stop = (): void => sys.kill(pid, 9);
  run.signal?.addEventListener("abort", stop, { once: true });
  try {
    return await waitForExit(sys, pid);
  } finally {
    run.signal?.removeEventListener("abort", stop);
  }
}
