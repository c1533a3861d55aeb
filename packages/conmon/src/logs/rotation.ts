import { AT_EMPTY_PATH, AT_FDCWD, O_CREAT, O_TRUNC, O_WRONLY, S_IFMT, S_IFREG } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { MonitorError } from "../diagnostics.ts";
import { exists, rename } from "../files.ts";

export const LOG_MODE = 0o640;

/**
 * Puts an empty file in the log's place and returns its descriptor. The old one is kept as `PATH.1`, and older ones up to `PATH.<backups>`; with 0 it
 * goes, but for readers that have it open. A log that goes to a device or a pipe goes on there.
 */
export function startLogAnew(sys: MonitorSys, log: { path: string; descriptor: number }, backups: number): number {
  const { path, descriptor } = log;
  if ((sys.fstatat(descriptor, "", AT_EMPTY_PATH).mode & S_IFMT) !== S_IFREG) return descriptor;
  const temporary = `${path}.tmp`;
  try {
    const fresh = sys.openat2(AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_TRUNC, LOG_MODE, 0);
    for (let number = Math.min(countKept(sys, path), backups - 1); number > 0; number--)
      rename(sys, `${path}.${number}`, `${path}.${number + 1}`);
    if (backups > 0 && exists(sys, path)) rename(sys, path, `${path}.1`);
    rename(sys, temporary, path);
    sys.close(descriptor);
    return fresh;
  } catch (error) {
    throw new MonitorError(`Failed to open log file ${path}`, { cause: error });
  }
}

/** Old files are numbered from 1 without a gap. Of a thousand allowed numbers hardly any has one, and an error for each would be megabytes of garbage. */
function countKept(sys: MonitorSys, path: string): number {
  let count = 0;
  while (exists(sys, `${path}.${count + 1}`)) count++;
  return count;
}
