import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds. */
const PATIENCE = 5000;

/**
 * Ends the netavark of a set-up whose podman was killed, and waits until it has gone: what it made after a teardown would stay for good. For
 * namespaces of which it is not known that they were set up to the end.
 */
export async function endInterruptedSetup(netnsPath: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += 5) {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && worksOn(name, netnsPath));
    if (pids.length === 0) return;
    for (const pid of pids) endQuietly(Number(pid));
    await delay(5);
  }
}

function worksOn(pid: string, netnsPath: string): boolean {
  try {
    const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return basename(program) === "netavark" && args.includes("setup") && args.includes(netnsPath);
  } catch {
    return false;
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has gone.
  }
}
