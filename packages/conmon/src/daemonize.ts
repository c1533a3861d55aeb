import { AT_FDCWD, O_RDONLY, O_WRONLY } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { replaceFile } from "./container-exit.ts";
import { MonitorError } from "./diagnostics.ts";
import { monitorEnvironment } from "./environment.ts";
import { openLog } from "./logs/k8s-file.ts";
import { checkLogPlan, type LogPlan } from "./logs/log-driver.ts";
import type { MonitorOptions } from "./options.ts";
import { MONITOR_SIGNALS } from "./reap-children.ts";

/**
 * Starts this program again as the process that stays: in a session of its own, away from our standard streams (which
 * the engine waits to see closed), with every descriptor that the engine gave us. This process then writes the pid file, and is done.
 */
export function daemonize(
  sys: MonitorSys,
  argv: readonly string[],
  job: { options: MonitorOptions; plan: LogPlan; inherited: readonly number[] },
): void {
  // the process that stays has nobody to complain to
  checkLogPlan(sys, job.plan, job.options);
  if (job.plan.k8sFile !== undefined) sys.close(openLog(sys, job.plan.k8sFile));
  const standard = job.plan.passthrough
    ? [0, 1, 2]
    : [O_RDONLY, O_WRONLY, O_WRONLY].map((flags) => sys.openat2(AT_FDCWD, "/dev/null", flags, 0, 0));
  const pid = spawnSelf(sys, argv, [...standard.map((fd, index) => [fd, index] as const), ...job.inherited.map((fd) => [fd, fd] as const)]);
  if (job.options.conmonPidFile !== undefined) replaceFile(sys, job.options.conmonPidFile, String(pid));
}

/**
 * Becomes this same program again, with the monitor's signals blocked before there is a second thread and without compiler threads,
 * neither of which can be had later. The pid stays.
 */
export function becomeMonitorProcess(sys: MonitorSys, argv: readonly string[], inherited: readonly number[]): never {
  for (const fd of inherited) sys.setCloseOnExec(fd, false);
  sys.signalfd(MONITOR_SIGNALS);
  sys.execve(process.execPath, selfArguments(argv), monitorEnvironment());
}

function spawnSelf(sys: MonitorSys, argv: readonly string[], descriptors: ReadonlyArray<readonly [number, number]>): number {
  try {
    return sys.spawn({
      path: process.execPath,
      argv: selfArguments(argv),
      env: monitorEnvironment(),
      descriptors,
      newSession: true,
      blockedSignals: MONITOR_SIGNALS,
    });
  } catch (error) {
    throw new MonitorError("Failed to start the monitor process", { cause: error });
  }
}

/** Run from source, the runtime must be told the script; the compiled executable carries it. */
function selfArguments(argv: readonly string[]): string[] {
  const script = process.argv[1] ?? "";
  return [process.argv0, ...(script.startsWith("/$bunfs/") || script === "" ? [] : [script]), ...argv];
}
