import { readFileSync } from "node:fs";

/** A process's start time in clock ticks since boot (field 22 of /proc/PID/stat); 0 when there is no such process or it is a zombie. */
export function processStartTime(pid: number): number {
  if (pid <= 0) return 0;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the command in parentheses and may itself hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? 0 : Number(fields[19] ?? 0);
  } catch {
    return 0;
  }
}

/** Whether the process that was noted still lives, and not another one that got its number. */
export function isSameProcess(pid: number, startTime: number): boolean {
  const now = processStartTime(pid);
  return now !== 0 && (startTime === 0 || now === startTime);
}

/** Whether any process has this pid and is not a zombie. */
export function isAlive(pid: number): boolean {
  return processStartTime(pid) !== 0;
}

/** Whether the monitor of a run that was noted lives: it is older than the process that it watches, and who took over its number is younger. */
export function isWatched(run: { readonly conmonPid: number; readonly pidStartTime: number }): boolean {
  const startTime = processStartTime(run.conmonPid);
  return startTime !== 0 && (run.pidStartTime === 0 || startTime <= run.pidStartTime);
}

/** This boot's id. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}
