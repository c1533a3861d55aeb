import { readdirSync, readFileSync } from "node:fs";

/** Whether this host runs systemd and keeps a journal that this user may read: then events and logs go there unless told otherwise. */
export function usesJournald(): boolean {
  try {
    if (readFileSync("/proc/1/comm", "utf8").trim() !== "systemd") return false;
  } catch {
    return false;
  }
  return ["/run/log/journal", "/var/log/journal"].some((root) => directoriesOf(root).some((name) => canRead(`${root}/${name}`)));
}

function directoriesOf(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

function canRead(directory: string): boolean {
  try {
    readdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
