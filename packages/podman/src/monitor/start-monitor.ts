import { AT_FDCWD, O_CLOEXEC, O_RDWR } from "@containers/common/sys/constants";
import { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 } from "@containers/common/sys/signals";
import type { Sys } from "@containers/common/sys/sys";
import type { PassedDescriptors } from "../systemd/passed-descriptors.ts";

/** A monitor that was started; the descriptors are the caller's and {@link RunningMonitor.close} closes them. */
export interface RunningMonitor {
  readonly pid: number;
  /** Waits for the next message of the sync pipe; undefined once the monitor has closed it. */
  readMessage(): SyncMessage | undefined;
  /** Waits until the attach socket of an exec session listens. */
  waitForAttach(): void;
  /** Lets an attached exec session start its process. */
  release(): void;
  close(): void;
}

export interface SyncMessage {
  /** A pid, an exit code, or a negative number for failure. */
  readonly data: number;
  readonly message: string;
}

export interface MonitorLaunch {
  readonly path: string;
  /** The monitor that came with this program. */
  readonly isOwn: boolean;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  /** With `--exec-attach`: two more pipes. */
  readonly attachPipe?: boolean;
  /** Standard streams that the container gets directly (log driver passthrough); default /dev/null. */
  readonly stdio?: readonly [number, number, number];
  /** Descriptors that the monitor keeps open as long as the container lives (reserved ports). */
  readonly inherited?: readonly number[];
  /** Descriptors that the contained process gets under their own numbers: the monitor's come after them. */
  readonly passed?: PassedDescriptors;
  /** Called with the monitor's pid before it is told to go. */
  readonly beforeGo?: (pid: number) => void;
}

/**
 * Signals that our monitor reads from a descriptor and so must find blocked before it has a second thread; started otherwise it starts itself
 * again. The original unblocks what it handles.
 */
const MONITOR_SIGNALS = [SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGUSR1];

/**
 * Starts a monitor as the leader of a new session, away from the terminal, and tells it to go. It outlives this process. Synchronous:
 * nothing is waited for but the spawn itself.
 */
export function startMonitor(sys: Sys, launch: MonitorLaunch): RunningMonitor {
  const sync = sys.pipe2(O_CLOEXEC);
  const start = sys.pipe2(O_CLOEXEC);
  const attach = launch.attachPipe === true ? sys.pipe2(O_CLOEXEC) : undefined;
  const nothing = sys.openat2(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0, 0);
  const [stdin, stdout, stderr] = launch.stdio ?? [nothing, nothing, nothing];
  const syncFd = 3 + (launch.passed?.count ?? 0);
  const [startFd, attachFd] = [syncFd + 1, syncFd + 2];
  try {
    const pid = sys.spawn({
      path: launch.path,
      argv: [launch.path, ...launch.args],
      env: [
        ...launch.env,
        `_OCI_SYNCPIPE=${syncFd}`,
        `_OCI_STARTPIPE=${startFd}`,
        ...(attach === undefined ? [] : [`_OCI_ATTACHPIPE=${attachFd}`]),
      ],
      descriptors: [
        [stdin, 0],
        [stdout, 1],
        [stderr, 2],
        [sync[1], syncFd],
        [start[0], startFd],
        ...(attach === undefined ? [] : [[attach[1], attachFd] as const]),
        ...(launch.passed?.descriptors ?? []).map((fd) => [fd, fd] as const),
        ...(launch.inherited ?? []).map((fd, index) => [fd, attachFd + 1 + index] as const),
      ],
      cwd: launch.cwd,
      newSession: true,
      ...(launch.isOwn ? { blockedSignals: MONITOR_SIGNALS } : {}),
    });
    const running = runningMonitor(sys, { pid, sync: sync[0], start: start[1], attach: attach?.[0] });
    launch.beforeGo?.(pid);
    running.release();
    return running;
  } catch (error) {
    for (const fd of [sync[0], start[1], ...(attach === undefined ? [] : [attach[0]])]) sys.close(fd);
    throw error;
  } finally {
    for (const fd of [sync[1], start[0], nothing, ...(attach === undefined ? [] : [attach[1]])]) sys.close(fd);
  }
}

function runningMonitor(sys: Sys, parts: { pid: number; sync: number; start: number; attach: number | undefined }): RunningMonitor {
  const open = new Set([parts.sync, parts.start, ...(parts.attach === undefined ? [] : [parts.attach])]);
  const readLine = lineReader(sys, parts.sync);
  const readAttach = parts.attach === undefined ? undefined : lineReader(sys, parts.attach);
  return {
    pid: parts.pid,
    readMessage() {
      const line = readLine();
      return line === undefined ? undefined : parseMessage(line);
    },
    waitForAttach() {
      readAttach?.();
    },
    release() {
      sys.write(parts.start, new Uint8Array(1), 0, 1);
    },
    close() {
      for (const fd of open) sys.close(fd);
      open.clear();
    },
  };
}

function lineReader(sys: Sys, fd: number): () => string | undefined {
  const chunk = Buffer.alloc(16384);
  let rest = Buffer.alloc(0);
  return () => {
    for (;;) {
      const end = rest.indexOf(10);
      if (end >= 0) {
        const line = rest.subarray(0, end).toString("utf8");
        rest = rest.subarray(end + 1);
        return line;
      }
      const length = sys.read(fd, chunk, 0, chunk.length);
      if (length <= 0) return undefined;
      rest = Buffer.concat([rest, chunk.subarray(0, length)]);
    }
  };
}

function parseMessage(line: string): SyncMessage {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === "object" && parsed !== null && "data" in parsed && typeof parsed.data === "number") {
      return { data: parsed.data, message: "message" in parsed && typeof parsed.message === "string" ? parsed.message : "" };
    }
  } catch {
    // Handled below: what is no message is a failure.
  }
  return { data: -1, message: `unexpected message of the monitor: ${line}` };
}
