import { closeSync, existsSync, fstatSync, openSync, renameSync } from "node:fs";
import { MonitorError } from "../diagnostics.ts";

export const LOG_MODE = 0o640;

/**
 * Puts an empty file in the log's place and returns its descriptor. The old one is kept as `PATH.1`, and older ones up to `PATH.<backups>`; with 0 it
 * goes, but for readers that have it open. A log that goes to a device or a pipe goes on there.
 */
export function startLogAnew(path: string, oldDescriptor: number, backups: number): number {
  if (!fstatSync(oldDescriptor).isFile()) return oldDescriptor;
  const temporary = `${path}.tmp`;
  try {
    const fresh = openSync(temporary, "w", LOG_MODE);
    for (let number = Math.min(countKept(path), backups - 1); number > 0; number--)
      renameSync(`${path}.${number}`, `${path}.${number + 1}`);
    if (backups > 0 && existsSync(path)) renameSync(path, `${path}.1`);
    renameSync(temporary, path);
    closeSync(oldDescriptor);
    return fresh;
  } catch (error) {
    throw new MonitorError(`Failed to open log file ${path}`, { cause: error });
  }
}

/** Old files are numbered from 1 without a gap. Of a thousand allowed numbers hardly any has one, and an error for each would be megabytes of garbage. */
function countKept(path: string): number {
  let count = 0;
  while (existsSync(`${path}.${count + 1}`)) count++;
  return count;
}
