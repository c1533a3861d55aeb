import { AT_FDCWD, O_RDONLY, O_WRONLY, PR_SET_CHILD_SUBREAPER, SOCK_SEQPACKET } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { AttachClients } from "./attach/clients.ts";
import { bindInBundle } from "./attach/socket.ts";
import { ContainerStdin } from "./attach/stdin.ts";
import { readFifo } from "./control/fifo.ts";
import { parseControlLine, parseWindowSize } from "./control/messages.ts";
import { TerminalSize } from "./control/resize.ts";
import { type Diagnostics, reason } from "./diagnostics.ts";
import type { LogDriver, LogPlan } from "./logs/log-driver.ts";
import type { MonitorOptions } from "./options.ts";
import { PeriodicCommand } from "./periodic-command.ts";
import { PollLoop } from "./poll-loop.ts";
import { type Children, watchChildren } from "./reap-children.ts";
import { openStdioPipes, type StdioPipes } from "./start-runtime.ts";
import { inheritedPipe, type SyncPipe, syncPipe } from "./sync-pipe.ts";
import { type ConsoleSocket, openConsoleSocket } from "./terminal.ts";

/** What `main` hands over. */
export interface MonitorJob {
  readonly sys: MonitorSys;
  readonly options: MonitorOptions;
  readonly diagnostics: Diagnostics;
  readonly plan: LogPlan;
  /** Descriptors from the caller: its pipes, and what is meant for the container. */
  readonly inherited: readonly number[];
  /** Where an attached exec session is released for the second time. */
  readonly startPipe: number | undefined;
}

/** Everything that one monitor holds while it watches its container. */
export interface Session extends MonitorJob {
  readonly loop: PollLoop;
  readonly logs: readonly LogDriver[];
  readonly children: Children;
  readonly stdin: ContainerStdin;
  readonly clients: AttachClients;
  readonly size: TerminalSize;
  /** Undefined with passthrough. */
  readonly pipes: StdioPipes | undefined;
  readonly console: ConsoleSocket | undefined;
  readonly syncPipe: SyncPipe;
  readonly attachPipe: number | undefined;
  /** The symlink that clients without the full path come through. */
  readonly attachLink: string | undefined;
  /** The master side of the container's terminal, once the runtime has sent it. */
  readonly terminal: { master: number | undefined };
  /** The processes that matter, as far as they are known and alive. */
  readonly pids: { runtime: number | undefined; container: number | undefined };
}

/**
 * Makes this process the container's monitor and opens all that clients and the runtime will look for. When it returns, attaching is
 * possible. `onSignal` gets the signals that ask us to end.
 */
export function openSession(job: MonitorJob, logs: readonly LogDriver[], onSignal: (session: Session, signal: number) => void): Session {
  const { sys, options } = job;
  const inherited = {
    sync: inheritedPipe(sys, "_OCI_SYNCPIPE"),
    attach: options.execAttach ? inheritedPipe(sys, "_OCI_ATTACHPIPE") : undefined,
  };
  becomeMonitor(job);
  const loop = new PollLoop(sys, { collect: collectGarbage, settle: () => sys.releaseProgramPages() });
  const stdin = new ContainerStdin(sys, loop, options.stdin || options.terminal);
  // A terminal has no half that could be closed: whoever attaches next types on it.
  const closeStdin = options.stdin && !options.leaveStdinOpen && !options.terminal;
  const clients = new AttachClients({ sys, loop, diagnostics: job.diagnostics, stdin }, closeStdin);
  const size = new TerminalSize(sys, job.diagnostics);
  const pipes = job.plan.passthrough ? undefined : openStdioPipes(sys, options);
  if (pipes?.stdin !== undefined) stdin.open(pipes.stdin, true);
  const periodic = new PeriodicCommand({ sys, loop, diagnostics: job.diagnostics }, () => session.children);
  const attachLink = openEndpoints(job, { loop, clients, size, logs, periodic });
  const session: Session = {
    ...job,
    loop,
    logs,
    stdin,
    clients,
    size,
    pipes,
    attachLink,
    console: options.terminal ? openConsoleSocket(sys) : undefined,
    syncPipe: syncPipe(sys, inherited.sync, options),
    attachPipe: inherited.attach,
    terminal: { master: undefined },
    pids: { runtime: undefined, container: undefined },
    children: watchChildren(sys, loop, (signal) => onSignal(session, signal)),
  };
  return session;
}

/** Leaves the caller's session and streams, and becomes the parent of whatever the container orphans. */
function becomeMonitor({ sys, options, plan }: MonitorJob): void {
  if (options.sync) {
    if (!plan.passthrough) disconnectStreams(sys);
    try {
      sys.setsid();
    } catch (error) {
      // already a session leader
      if (errnoCode(error) !== "EPERM") throw error;
    }
  }
  sys.prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/** The caller waits for the end of our output; and nothing may hold the caller's terminal. */
export function disconnectStreams(sys: MonitorSys): void {
  for (const fd of [0, 1, 2]) {
    const nothing = sys.openat2(AT_FDCWD, "/dev/null", fd === 0 ? O_RDONLY : O_WRONLY, 0, 0);
    sys.dup2(nothing, fd);
    sys.close(nothing);
  }
}

/**
 * The JavaScript runtime collects only when its heap has grown, which here would mean to keep megabytes for nothing. What the first
 * collection frees, the second gives back to the kernel.
 */
function collectGarbage(): void {
  Bun.gc(true);
  Bun.gc(true);
}

type EndpointParts = Pick<Session, "loop" | "clients" | "size" | "logs"> & { readonly periodic: PeriodicCommand };

function openEndpoints(job: MonitorJob, parts: EndpointParts): string | undefined {
  const { sys, options, diagnostics } = job;
  if (options.bundle === undefined) return undefined;
  const ports = { sys, loop: parts.loop };
  readFifo(ports, `${options.bundle}/ctl`, (line) => {
    const message = parseControlLine(line);
    if (message === undefined) diagnostics.warn(`Invalid control message: ${JSON.stringify(line)}`);
    else if (message.kind === "resize") parts.size.resize(message);
    else if (message.kind === "reload-periodic") parts.periodic.reload(`${options.bundle}/periodic.json`);
    else reopenLogs(parts.logs, diagnostics);
  });
  if (job.plan.passthrough) return undefined;
  const socket = bindInBundle(sys, options, { name: "attach", type: SOCK_SEQPACKET, mode: 0o700 });
  parts.clients.listen(socket.descriptor);
  readFifo(ports, `${options.bundle}/winsz`, (line) => {
    const size = parseWindowSize(line);
    if (size === undefined) diagnostics.warn("Failed to parse window size");
    else parts.size.resize(size);
  });
  return socket.link;
}

function reopenLogs(logs: readonly LogDriver[], diagnostics: Diagnostics): void {
  for (const log of logs) {
    try {
      log.reopen();
    } catch (error) {
      diagnostics.warn(reason(error));
    }
  }
}
