import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { MonitorError } from "./diagnostics.ts";
import type { MonitorOptions } from "./options.ts";

/**
 * Tells the engine, also one that starts after a reboot, how the container ended: `exit` in the persistent directory, then a file of the
 * container's name in the directory that engines watch. Each appears with its content.
 */
export function writeExitFiles(options: Pick<MonitorOptions, "persistDir" | "exitDir" | "cid">, status: number): void {
  if (options.persistDir !== undefined) replaceFile(`${options.persistDir}/exit`, String(status));
  if (options.exitDir !== undefined) replaceFile(`${options.exitDir}/${options.cid}`, String(status));
}

/** Replaces a small file as a whole. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}.tmp`;
  try {
    const fd = openSync(temporary, "w", 0o644);
    try {
      writeSync(fd, content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    throw new MonitorError(`Failed to write ${content} to ${path}`, { cause: error });
  }
}
