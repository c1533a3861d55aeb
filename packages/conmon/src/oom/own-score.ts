import type { MonitorSys } from "@containers/common/sys/sys";
import { readIfThere, writeText } from "../files.ts";

const PATH = "/proc/self/oom_score_adj";
const NEVER = "-1000";

/**
 * Asks the kernel to kill anything before this monitor, which takes a capability; returns the way back, to be taken before another
 * program is started. Done only once the runtime runs, because children inherit the score.
 */
export function protectFromOomKiller(sys: MonitorSys): () => void {
  const before = readIfThere(sys, PATH)?.trim() ?? "0";
  writeQuietly(sys, NEVER);
  return () => writeQuietly(sys, before);
}

function writeQuietly(sys: MonitorSys, score: string): void {
  try {
    writeText(sys, PATH, score);
  } catch {
    // not allowed here: the monitor takes its chances
  }
}
