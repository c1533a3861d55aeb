import type { MonitorSys } from "@containers/common/sys/sys";
import { MonitorError } from "./diagnostics.ts";
import { rename, writeText } from "./files.ts";
import type { MonitorOptions } from "./options.ts";

/**
 * Tells the engine, also one that starts after a reboot, how the container ended: `exit` in the persistent directory, then a file of the
 * container's name in the directory that engines watch. Each appears with its content.
 */
export function writeExitFiles(sys: MonitorSys, options: Pick<MonitorOptions, "persistDir" | "exitDir" | "cid">, status: number): void {
  if (options.persistDir !== undefined) replaceFile(sys, `${options.persistDir}/exit`, String(status));
  if (options.exitDir !== undefined) replaceFile(sys, `${options.exitDir}/${options.cid}`, String(status));
}

/** Replaces a small file as a whole. */
export function replaceFile(sys: MonitorSys, path: string, content: string): void {
  const temporary = `${path}.tmp`;
  try {
    writeText(sys, temporary, content, { durable: true });
    rename(sys, temporary, path);
  } catch (error) {
    throw new MonitorError(`Failed to write ${content} to ${path}`, { cause: error });
  }
}
