import { readFileSync } from "node:fs";

/** Controllers of cgroup v2 on this machine; undefined on v1. */
function controllers(): readonly string[] | undefined {
  try {
    return readFileSync("/sys/fs/cgroup/cgroup.controllers", "utf8").trim().split(" ");
  } catch {
    return undefined;
  }
}

/** No process can be counted here: the default limit of processes would be told of as missing at every run. */
export function lacksPids(): boolean {
  return controllers()?.includes("pids") === false;
}

/** The title of a test that sets limits, with the reason where it is skipped because this machine has none to set. */
export function limited(title: string): { readonly title: string; readonly skip: boolean } {
  const missing = ["memory", "cpu", "pids"].filter((name) => controllers()?.includes(name) === false);
  if (missing.length === 0) return { title, skip: false };
  return { title: `${title} (this machine's control groups lack ${missing.join(", ")})`, skip: true };
}
