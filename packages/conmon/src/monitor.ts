import { POLLIN, SIGKILL } from "@containers/common/sys/constants";
import { errnoCode } from "@containers/common/sys/sys-error";
import { writeExitFiles } from "./container-exit.ts";
import { MonitorError, reason } from "./diagnostics.ts";
import { runExitCommand } from "./exit-command.ts";
import { readIfThere, removeIfThere } from "./files.ts";
import { checkLogPlan, openLogDrivers } from "./logs/log-driver.ts";
import { recordOom } from "./oom/oom-files.ts";
import { protectFromOomKiller } from "./oom/own-score.ts";
import { watchOom } from "./oom/watch-oom.ts";
import { exitStatus, outlive } from "./reap-children.ts";
import { runtimeArguments } from "./runtime-args.ts";
import { disconnectStreams, type MonitorJob, openSession, type Session } from "./session.ts";
import { startRuntime } from "./start-runtime.ts";
import { ContainerOutput } from "./stdio.ts";
import { NO_ATTACH_PIPE, syncPipe } from "./sync-pipe.ts";
import { acceptTerminal, removeConsoleSocket } from "./terminal.ts";

const LARGEST_MESSAGE = 8191;
/** A failed runtime's own children are given so long to end. */
const ORPHAN_PATIENCE_MS = 1000;
const TIMED_OUT = "command timed out";

/**
 * Watches one container from before its creation until it has ended and was cleaned up after. The answer is the exit status of
 * this process: the container's own, 1 when there came to be none, or that of a failed exit command.
 */
export async function monitor(job: MonitorJob): Promise<number> {
  checkLogPlan(job.sys, job.plan, job.options);
  const logs = await openLogDrivers(job.sys, job.plan, job.options);
  const session = openSession(job, logs, forwardSignal);
  if (job.options.sdnotifySocket !== undefined) {
    const { proxyNotifications } = await import("./sd-notify.ts");
    proxyNotifications(session, job.options, job.options.sdnotifySocket);
  }
  const status = supervise(session);
  if (session.attachLink !== undefined) removeIfThere(job.sys, session.attachLink);
  return (session.pids.runtime === undefined ? undefined : runExitCommand(job.sys, job.options, job.diagnostics)) ?? status & 0xff;
}

function supervise(session: Session): number {
  try {
    announceAttach(session);
    const unprotect = start(session);
    try {
      const pid = awaitCreation(session);
      return awaitExit(session, pid);
    } finally {
      unprotect();
    }
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    session.diagnostics.error(error.message);
    return 1;
  } finally {
    if (session.console !== undefined) removeConsoleSocket(session.sys, session.console);
    session.children.reap();
  }
}

/** Asked to end: the container shall, or the runtime while there is no container, or we when there is neither. */
function forwardSignal(session: Session, signal: number): void {
  const pid = session.pids.container ?? session.pids.runtime;
  if (pid === undefined) throw new MonitorError(`ended by signal ${signal} before the container was created`);
  try {
    session.sys.kill(pid, signal);
  } catch (error) {
    session.diagnostics.debug(`cannot forward signal ${signal}: ${reason(error)}`);
  }
}

/** An attached exec session runs only once its client has connected, or output would be lost. */
function announceAttach(session: Session): void {
  if (!session.options.execAttach) return;
  if (session.attachPipe === undefined) throw new MonitorError(NO_ATTACH_PIPE);
  syncPipe(session.sys, session.attachPipe, session.options).report(0);
  const pipe = session.startPipe;
  if (pipe === undefined) return;
  const released = { yet: false };
  const watch = session.loop.add(pipe, POLLIN, () => {
    session.sys.read(pipe, new Uint8Array(8192), 0, 8192);
    released.yet = true;
  });
  session.loop.runUntil(() => released.yet);
  session.loop.remove(watch);
  session.sys.close(pipe);
}

/** Starts the runtime. The answer undoes our protection from the OOM killer, which the exit command must not inherit. */
function start(session: Session): () => void {
  const { sys, options } = session;
  const own = [session.syncPipe.descriptor, session.attachPipe, session.startPipe];
  try {
    session.pids.runtime = startRuntime(sys, {
      argv: runtimeArguments(options, session.console?.path),
      pipes: session.pipes,
      inherited: session.inherited.filter((fd) => !own.includes(fd)),
      replaceListenPid: options.replaceListenPid,
    });
  } catch (error) {
    session.syncPipe.report(-1, reason(error));
    throw new MonitorError("Failed to start the runtime", { cause: error });
  }
  if (session.plan.passthrough) disconnectStreams(sys);
  return protectFromOomKiller(sys);
}

/** Waits for the runtime to be done; returns the container's pid and reports it, or reports why there is none. */
function awaitCreation(session: Session): number {
  const { options, children, loop } = session;
  const runtime = session.pids.runtime ?? -1;
  const { terminal } = session;
  if (session.console !== undefined) {
    acceptTerminal(session, session.console, (master) => {
      terminal.master = master;
      session.stdin.open(master, false);
      session.size.setTerminal(master);
    });
  }
  loop.runUntil(() => children.status(runtime) !== undefined);
  // the terminal may have been sent in the same moment
  if (session.console !== undefined && terminal.master === undefined) loop.runOnce(0);
  const status = exitStatus(children.status(runtime) ?? { pid: runtime, exitCode: 1 });
  const pid = readPid(session, options.containerPidFile);
  if (status !== 0 && (pid === undefined || children.status(pid) === undefined)) {
    throw creationFailure(session, `Failed to create container: exit status ${status}`);
  }
  if (session.console !== undefined && terminal.master === undefined) throw creationFailure(session, "Runtime did not set up terminal");
  if (pid === undefined) throw creationFailure(session, `Failed to read pidfile ${options.containerPidFile}`);
  session.pids.container = pid;
  children.rememberOnly([pid]);
  if (options.apiVersion >= 1 || !options.exec) session.syncPipe.report(pid);
  return pid;
}

/** The runtime's own words, when it had any, go to whoever waits at the sync pipe. */
function creationFailure(session: Session, summary: string): MonitorError {
  // What it began for the container ends now as well. Left to the machine's first process, which may take its time, it would count as the container's.
  outlive(session.children, session.loop, ORPHAN_PATIENCE_MS);
  const said = session.pipes === undefined ? "" : readAvailable(session, session.pipes.stderr);
  if (said !== "") session.diagnostics.warn(`runtime stderr: ${said}`);
  session.syncPipe.report(-1, said === "" ? summary : said);
  return new MonitorError(summary);
}

function readAvailable(session: Session, descriptor: number): string {
  const buffer = Buffer.alloc(LARGEST_MESSAGE);
  session.sys.setNonBlocking(descriptor, true);
  try {
    return buffer.toString("utf8", 0, session.sys.read(descriptor, buffer, 0, buffer.length));
  } catch {
    return "";
  }
}

function readPid({ sys }: Session, path: string): number | undefined {
  const pid = Number.parseInt(readIfThere(sys, path) ?? "", 10);
  return pid > 0 ? pid : undefined;
}

/** From creation to the end: carries output, then tells the world the exit status, in the order that engines rely on. */
function awaitExit(session: Session, pid: number): number {
  const { sys, options, loop, children, clients, diagnostics } = session;
  const output = openOutput(session);
  const lastLook = watchOom({ sys, loop, diagnostics, onOom: () => recordOom(sys, options, diagnostics) }, pid);
  const ended = { timedOut: false, unseen: false };
  if (options.timeout > 0) loop.after(options.timeout * 1000, () => void (ended.timedOut = true));
  if (!children.reap() && children.status(pid) === undefined) watchForeign(session, pid, () => void (ended.unseen = true));
  loop.runUntil(() => children.status(pid) !== undefined || ended.timedOut || ended.unseen);
  lastLook();
  const own = children.status(pid);
  if (own !== undefined || ended.unseen) session.pids.container = undefined;
  const timedOut = ended.timedOut && session.pids.container !== undefined;
  if (!timedOut) output.drain();
  if (!options.noSyncLog) syncLogs(session);
  if (timedOut) killGroup(session, pid);
  const status = timedOut ? -1 : own === undefined ? 0 : exitStatus(own);
  clients.flush();
  // reserved ports must be free before anybody learns that the container has ended
  for (const fd of session.inherited) if (fd !== session.syncPipe.descriptor) closeQuietly(session, fd);
  output.close();
  clients.close();
  // nobody answers there any more: an engine that connects learns that at once
  if (options.bundle !== undefined) removeIfThere(sys, `${options.bundle}/attach`);
  writeExitFiles(sys, options, status);
  if (options.exec) session.syncPipe.report(status, timedOut ? TIMED_OUT : undefined);
  return status;
}

function openOutput(session: Session): ContainerOutput {
  const output = new ContainerOutput(session);
  if (session.terminal.master !== undefined) output.add("stdout", session.terminal.master, true);
  if (session.pipes?.stdout !== undefined) output.add("stdout", session.pipes.stdout, false);
  if (session.pipes !== undefined) output.add("stderr", session.pipes.stderr, false);
  return output;
}

/** Under some service managers the container is nobody's child here: its end can be seen, its status can not. */
function watchForeign(session: Session, pid: number, onEnd: () => void): void {
  try {
    const pidfd = session.sys.pidfdOpen(pid);
    const watch = session.loop.add(pidfd, POLLIN, () => {
      session.loop.remove(watch);
      session.sys.close(pidfd);
      onEnd();
    });
  } catch (error) {
    if (errnoCode(error) !== "ESRCH") throw error;
    onEnd();
  }
}

function syncLogs(session: Session): void {
  for (const log of session.logs) {
    try {
      log.sync();
    } catch (error) {
      session.diagnostics.warn(`Failed to sync log file before exit: ${reason(error)}`);
    }
  }
}

/** The whole process group, unless that is init's (a kill of -1 would take everything) or our own. */
function killGroup(session: Session, pid: number): void {
  const group = processGroup(session, pid);
  try {
    session.sys.kill(group > 1 && group !== processGroup(session, process.pid) ? -group : pid, SIGKILL);
  } catch (error) {
    if (errnoCode(error) !== "ESRCH") throw error;
  }
}

/** Third field behind the command's name, which may itself hold blanks and parentheses. */
function processGroup({ sys }: Session, pid: number): number {
  const stat = readIfThere(sys, `/proc/${pid}/stat`);
  return stat === undefined ? 0 : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}

function closeQuietly(session: Session, descriptor: number): void {
  try {
    session.sys.close(descriptor);
  } catch {
    // closed long ago, by its reader's leaving
  }
}
