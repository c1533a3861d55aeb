import { rmSync } from "node:fs";
import { createNetns, isNetns, removeNetns } from "../netns.ts";
import { endInterrupted } from "./end-interrupted.ts";

/**
 * Takes down what netavark made for a namespace: all, a part, or nothing, as a kill left it. Alone, netavark stops at the first thing that is missing, and
 * leaves bridge, rules and name server; made whole once more they can be taken down. Throws its first complaint when that fails too.
 */
export async function takeDown(netavark: (verb: "setup" | "teardown") => Promise<unknown>, netnsPath: string): Promise<void> {
  try {
    await netavark("teardown");
  } catch (complaint) {
    await endInterrupted(netnsPath);
    const isGone = !isNetns(netnsPath);
    if (isGone) {
      rmSync(netnsPath, { force: true });
      createNetns(netnsPath);
    }
    try {
      await netavark("setup").catch(() => undefined);
      await netavark("teardown");
    } catch {
      throw complaint;
    } finally {
      if (isGone) removeNetns(netnsPath);
    }
  }
}
