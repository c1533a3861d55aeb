import { AT_FDCWD, O_CLOEXEC, O_RDWR, PR_SET_CHILD_SUBREAPER } from "@containers/common/sys/constants";
import type { MonitorSys, WaitStatus } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { type Diagnostics, reason } from "./diagnostics.ts";
import { childEnvironment, EXIT_LEASE } from "./environment.ts";
import type { MonitorOptions } from "./options.ts";
import { exitStatus } from "./reap-children.ts";

/**
 * Runs the command that cleans up after the container and waits for it. Its exit status when that is not 0, else undefined. By
 * now every descriptor but the first three is closed or closes on exec.
 */
export function runExitCommand(sys: MonitorSys, options: MonitorOptions, diagnostics: Diagnostics): number | undefined {
  if (options.exitCommand === undefined || isLeaseFulfilled(sys, process.env[EXIT_LEASE])) return undefined;
  // orphans of the command must go to init: it double-forks on purpose
  sys.prctl(PR_SET_CHILD_SUBREAPER, 0);
  if (options.exitDelay > 0) sys.poll([], options.exitDelay * 1000);
  try {
    const pid = sys.spawn({
      path: options.exitCommand,
      argv: [options.exitCommand, ...options.exitCommandArgs],
      env: childEnvironment(),
      descriptors: [0, 1, 2].map((fd) => [fd, fd] as const),
    });
    return waitForAll(sys, pid);
  } catch (error) {
    diagnostics.error(`Failed to run the exit command: ${reason(error)}`);
    return 1;
  }
}

/**
 * Waits for the engine that waits for the container in the foreground: whether it has done the clean-up, so that starting another program for it
 * would be wasted. An engine that was killed, or has let go of the container, frees the lock and leaves the file: then the command is run.
 */
function isLeaseFulfilled(sys: MonitorSys, path: string | undefined): boolean {
  if (path === undefined) return false;
  try {
    const fd = sys.openat2(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0, 0);
    sys.ofdLock(fd, "write", true);
    const removed = sys.fstatat(AT_FDCWD, `/proc/self/fd/${fd}`, 0).nlink === 0;
    sys.close(fd);
    return removed;
  } catch (error) {
    return errnoCode(error) === "ENOENT";
  }
}

/** Also collects what the runtime may have left behind. */
function waitForAll(sys: MonitorSys, pid: number): number | undefined {
  let status: WaitStatus | undefined;
  for (;;) {
    try {
      const ended = sys.waitpid(-1, 0);
      if (ended?.pid === pid) status = ended;
    } catch (error) {
      if (errnoCode(error) !== "ECHILD") throw error;
      const code = status === undefined ? 0 : exitStatus(status);
      return code === 0 ? undefined : code;
    }
  }
}
