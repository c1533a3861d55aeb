import { closeSync, fstatSync, openSync, renameSync } from "node:fs";
import { errnoCode } from "@containers/common/sys/sys-error";
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
    for (let number = backups; number > 1; number--) renameIfThere(`${path}.${number - 1}`, `${path}.${number}`);
    if (backups > 0) renameIfThere(path, `${path}.1`);
    renameSync(temporary, path);
    closeSync(oldDescriptor);
    return fresh;
  } catch (error) {
    throw new MonitorError(`Failed to open log file ${path}`, { cause: error });
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
  }
}
