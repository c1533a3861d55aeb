import { inheritedDescriptors } from "@containers/common/sys/inherited-descriptors";
import { linuxMonitorSys } from "@containers/common/sys/linux-monitor";
import type { MonitorSys } from "@containers/common/sys/sys";
import { MonitorError, openDiagnostics, reason, writeQuietly } from "./diagnostics.ts";
import { MONITOR_SETTINGS, STAGE } from "./environment.ts";
import { readText, writeAll } from "./files.ts";
import { parseLogPaths } from "./logs/log-driver.ts";
import { helpText, type MonitorOptions, parseOptions } from "./options.ts";
import { MONITOR_SIGNALS } from "./reap-children.ts";
import { inheritedPipe, NO_ATTACH_PIPE } from "./sync-pipe.ts";

/** The release of the original whose protocol this is; engines look at it. */
const PROTOCOL_VERSION = "2.1.13";
const UMASK = 0o022;
const X_OK = 1;

/** The monitor: `argv` without the program's name. Its exit status is the container's, or 1 when there is no container. */
export async function main(argv: string[]): Promise<number> {
  const sys = linuxMonitorSys();
  try {
    const inherited = inheritedDescriptors();
    const invocation = parseOptions(argv, process.cwd());
    if ("print" in invocation) {
      writeAll(sys, 1, invocation.print === "help" ? helpText() : `conmon version ${PROTOCOL_VERSION}\ncommit: typescript\n`);
      return 0;
    }
    return await run(sys, { argv, options: invocation.run, inherited });
  } catch (error) {
    writeQuietly(sys, error instanceof MonitorError ? `${error.prefix}${error.message}\n` : `[conmon:e]: ${reason(error)}\n`);
    return 1;
  }
}

async function run(
  sys: MonitorSys,
  { argv, options, inherited }: { argv: readonly string[]; options: MonitorOptions; inherited: readonly number[] },
): Promise<number> {
  const stays = process.env[STAGE] !== undefined;
  process.umask(UMASK);
  const diagnostics = openDiagnostics(sys, options);
  const plan = parseLogPaths(options.logPaths);
  if (!stays) {
    checkRuntime(sys, options.runtime);
    for (const name of ["_OCI_SYNCPIPE", ...(options.execAttach ? ["_OCI_ATTACHPIPE"] : [])]) inheritedPipe(sys, name);
    if (options.execAttach && process.env._OCI_ATTACHPIPE === undefined) throw new MonitorError(NO_ATTACH_PIPE);
    if (options.sync && !startedAsMonitor(sys)) {
      const { becomeMonitorProcess } = await import("./daemonize.ts");
      becomeMonitorProcess(sys, argv, inherited);
    }
  }
  // the process that stays after another one was let go by that one
  const released = stays && !options.sync;
  const startPipe = released && !options.execAttach ? undefined : inheritedPipe(sys, "_OCI_STARTPIPE");
  if (startPipe !== undefined && !released) waitForStart(sys, startPipe);
  const spent = startPipe !== undefined && !options.execAttach;
  if (spent) sys.close(startPipe);
  const kept = spent ? inherited.filter((fd) => fd !== startPipe) : inherited;
  if (!stays && !options.sync) {
    const { daemonize } = await import("./daemonize.ts");
    daemonize(sys, argv, { options, plan, inherited: kept });
    return 0;
  }
  const { monitor } = await import("./monitor.ts");
  return monitor({ sys, options, diagnostics, plan, inherited: kept, startPipe: options.execAttach ? startPipe : undefined });
}

/** The engine holds us here until it has put us into the right cgroup; its end releases us too. */
function waitForStart(sys: MonitorSys, startPipe: number): void {
  try {
    sys.read(startPipe, new Uint8Array(8192), 0, 8192);
  } catch (error) {
    throw new MonitorError("start-pipe read failed", { cause: error });
  }
}

function checkRuntime(sys: MonitorSys, path: string): void {
  const refusal = sys.accessible(path, X_OK);
  if (refusal !== undefined) throw new MonitorError(`Runtime path ${path} is not valid: ${reason(refusal)}`);
}

/**
 * Whether the caller has started us as `daemonize.ts` would, which saves a second start of this program. Then this is still the only
 * thread, and what it blocks now stays blocked in all that may come.
 */
function startedAsMonitor(sys: MonitorSys): boolean {
  const settings = MONITOR_SETTINGS.every((setting) => process.env[setting.name] === setting.value);
  if (!settings || !/^Threads:\s*1$/m.test(readText(sys, "/proc/self/status"))) return false;
  sys.close(sys.signalfd(MONITOR_SIGNALS));
  return true;
}
