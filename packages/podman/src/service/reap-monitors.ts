import { readdirSync, readFileSync } from "node:fs";
import type { Sys } from "@containers/common/sys/sys";

const WNOHANG = 1;

/**
 * Monitors are children of the process that started them. A command has gone long before they end; a service stays, and has to take note of
 * their end, or they would stay as zombies.
 */
export function reapMonitors(sys: Pick<Sys, "waitpid">): void {
  for (const pid of children()) {
    if (!isEndedMonitor(pid)) continue;
    try {
      sys.waitpid(pid, WNOHANG);
    } catch {
      // Somebody else was faster.
    }
  }
}

function children(): number[] {
  const found: number[] = [];
  for (const task of readdirSync("/proc/self/task")) {
    try {
      const text = readFileSync(`/proc/self/task/${task}/children`, "latin1").trim();
      if (text !== "") found.push(...text.split(/\s+/).map(Number));
    } catch {
      // The thread has ended.
    }
  }
  return found;
}

/** Other children belong to whoever waits for them. */
function isEndedMonitor(pid: number): boolean {
  try {
    return /^\d+ \(conmon\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
