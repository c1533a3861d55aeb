import { POLLIN } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import type { Diagnostics } from "../diagnostics.ts";
import type { PollLoop } from "../poll-loop.ts";

export interface OomPorts {
  readonly sys: MonitorSys;
  readonly loop: PollLoop;
  readonly diagnostics: Diagnostics;
  readonly onOom: () => void;
}

/** Whether a read would not wait. */
export function isReadable(sys: MonitorSys, fd: number): boolean {
  return sys.poll([{ fd, events: POLLIN, revents: 0 }], 0) > 0;
}

/** The counter `oom_kill` of memory.events or memory.oom_control; 0 where there is none. */
export function killCount(events: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
}
