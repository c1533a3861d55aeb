import { readdirSync, readFileSync } from "node:fs";

/** Pids of the processes that `fits` accepts by their arguments, without those that it cannot see and those that end meanwhile. */
export function findProcesses(fits: (argv: readonly string[], pid: number) => boolean): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const argv = argumentsOf(pid);
      return argv !== undefined && fits(argv, pid);
    });
}

function argumentsOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return undefined;
  }
}

/** Sends a signal to processes that may end at any moment. */
export function signalQuietly(pids: readonly number[], signal: "SIGKILL" | "SIGTERM"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has gone.
    }
  }
}
