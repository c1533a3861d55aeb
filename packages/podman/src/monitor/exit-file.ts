import { readFileSync, rmSync, statSync } from "node:fs";
import { errnoCode } from "@containers/common/sys/sys-error";

export interface ExitRecord {
  readonly exitCode: number;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
}

/** What the monitor wrote when the container ended; undefined while it has not. */
export function readExitFile(exitsDir: string, id: string): ExitRecord | undefined {
  const path = `${exitsDir}/${id}`;
  try {
    const text = readFileSync(path, "latin1");
    const exitCode = Number.parseInt(text, 10);
    return Number.isNaN(exitCode) ? undefined : { exitCode, finishedAt: statSync(path).mtimeMs };
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

export function removeExitFile(exitsDir: string, id: string): void {
  rmSync(`${exitsDir}/${id}`, { force: true });
}
