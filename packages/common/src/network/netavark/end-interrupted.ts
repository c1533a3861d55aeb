import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProcesses, signalQuietly } from "../../process/find-processes.ts";

/** Milliseconds. */
const PATIENCE = 5000;

/**
 * Has the netavark gone whose podman was killed: what it sets up after a teardown would stay for good, so that is ended; a teardown may come to its
 * end. For namespaces of which it is not known that they were set up, or taken down, to the end.
 */
export async function endInterrupted(netnsPath: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += 5) {
    const setups = findProcesses((argv) => worksOn(argv, "setup", netnsPath));
    if (setups.length === 0 && findProcesses((argv) => worksOn(argv, "teardown", netnsPath)).length === 0) return;
    signalQuietly(setups, "SIGKILL");
    await delay(5);
  }
}

/** Also before it has become netavark: an ordinary user's is led into the namespace of the networks first. */
function worksOn(argv: readonly string[], verb: "setup" | "teardown", netnsPath: string): boolean {
  return argv.includes(netnsPath) && argv.includes(verb) && argv.some((word) => basename(word) === "netavark");
}
