import { closeSync, fstatSync, openSync, renameSync } from "node:fs";
import { MonitorError } from "../diagnostics.ts";

export const LOG_MODE = 0o640;

/**
 * Puts an empty file in the log's place and returns its descriptor: there is one log file and no numbered old ones. Readers that have the
 * old one open keep it. A log that goes to a device or a pipe goes on there.
 */
export function startLogAnew(path: string, oldDescriptor: number): number {
  if (!fstatSync(oldDescriptor).isFile()) return oldDescriptor;
  const temporary = `${path}.tmp`;
  try {
    const fresh = openSync(temporary, "w", LOG_MODE);
    renameSync(temporary, path);
    closeSync(oldDescriptor);
    return fresh;
  } catch (error) {
    throw new MonitorError(`Failed to open log file ${path}`, { cause: error });
  }
}
