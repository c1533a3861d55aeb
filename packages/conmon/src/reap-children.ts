import { POLLIN, SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, WNOHANG } from "@containers/common/sys/constants";
import type { MonitorSys, WaitStatus } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { PollLoop } from "./poll-loop.ts";

/** What a monitor reads from its signalfd. Blocked from its very start: in a process with several threads, another one could take them. */
export const MONITOR_SIGNALS: readonly number[] = [SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGUSR1];

/** The processes that end under this monitor, which is a subreaper: the runtime, the container, and orphans of both. */
export interface Children {
  /** How the process ended, undefined while it runs (or was never ours). */
  status(pid: number): WaitStatus | undefined;
  /** From now on only these are remembered; until then all are, because a short command ends before its pid is known. */
  rememberOnly(pids: readonly number[]): void;
  /** Calls back, once, when this child has ended. */
  onEnd(pid: number, callback: () => void): void;
  /** Collects what has ended. False when there is no child at all. */
  reap(): boolean;
}

/**
 * Blocks the signals that a monitor handles and reads them from the loop instead. `onSignal` gets those that ask us to end. Must run before
 * the runtime is started, or its end could be missed.
 */
export function watchChildren(sys: MonitorSys, loop: PollLoop, onSignal: (signal: number) => void): Children {
  const seen = new Map<number, WaitStatus>();
  const awaited = new Map<number, () => void>();
  const filter: { only: ReadonlySet<number> | undefined } = { only: undefined };
  const children: Children = {
    status: (pid) => seen.get(pid),
    rememberOnly(pids) {
      filter.only = new Set(pids);
      for (const pid of seen.keys()) if (!filter.only.has(pid)) seen.delete(pid);
    },
    onEnd: (pid, callback) => void awaited.set(pid, callback),
    reap: () =>
      reapAll(sys, (status) => {
        if (filter.only?.has(status.pid) ?? true) seen.set(status.pid, status);
        const callback = awaited.get(status.pid);
        awaited.delete(status.pid);
        callback?.();
      }),
  };
  const signals = sys.signalfd(MONITOR_SIGNALS);
  loop.add(signals, POLLIN, () => {
    for (let next = sys.readSignal(signals); next !== undefined; next = sys.readSignal(signals)) {
      if (next.signal !== SIGCHLD && next.signal !== SIGUSR1) onSignal(next.signal);
    }
    children.reap();
  });
  return children;
}

/** Waits until there is no child left, so many milliseconds at most. */
export function outlive(children: Children, loop: PollLoop, milliseconds: number): void {
  const patience = { over: false };
  loop.after(milliseconds, () => void (patience.over = true));
  loop.runUntil(() => !children.reap() || patience.over);
}

/** Exit status as a shell counts it. */
export function exitStatus(status: WaitStatus): number {
  return status.exitCode ?? 128 + (status.signal ?? 0);
}

function reapAll(sys: MonitorSys, onExit: (status: WaitStatus) => void): boolean {
  for (;;) {
    try {
      const status = sys.waitpid(-1, WNOHANG);
      if (status === undefined) return true;
      onExit(status);
    } catch (error) {
      if (errnoCode(error) === "ECHILD") return false;
      throw error;
    }
  }
}
