import { readFileSync, writeFileSync } from "node:fs";

const PATH = "/proc/self/oom_score_adj";
const NEVER = "-1000";

/**
 * Asks the kernel to kill anything before this monitor, which takes a capability; returns the way back, to be taken before another
 * program is started. Done only once the runtime runs, because children inherit the score.
 */
export function protectFromOomKiller(): () => void {
  const before = readQuietly();
  writeQuietly(NEVER);
  return () => writeQuietly(before);
}

function readQuietly(): string {
  try {
    return readFileSync(PATH, "utf8").trim();
  } catch {
    return "0";
  }
}

function writeQuietly(score: string): void {
  try {
    writeFileSync(PATH, score);
  } catch {
    // not allowed here: the monitor takes its chances
  }
}
