import { PR_SET_CHILD_SUBREAPER } from "@containers/common/sys/constants";
import type { Sys, WaitStatus } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { type Diagnostics, reason } from "./diagnostics.ts";
import { childEnvironment } from "./environment.ts";
import type { MonitorOptions } from "./options.ts";
import { exitStatus } from "./reap-children.ts";

/**
 * Runs the command that cleans up after the container and waits for it. Its exit status when that is not 0, else undefined. By
 * now every descriptor but the first three is closed or closes on exec.
 */
export function runExitCommand(sys: Sys, options: MonitorOptions, diagnostics: Diagnostics): number | undefined {
  if (options.exitCommand === undefined) return undefined;
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

/** Also collects what the runtime may have left behind. */
function waitForAll(sys: Sys, pid: number): number | undefined {
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
