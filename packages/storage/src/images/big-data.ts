import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { errnoCode } from "@containers/common/sys/sys-error";

/**
 * File name of an item attached to an image or container: the key where it is plain, else `=` and its base64. A single odd
 * character at the very end counts as plain, because the original's check has it so.
 */
export function bigDataFileName(key: string): string {
  if (key === "") throw new ToolError("invalid-argument", "an attached item needs a name");
  if (/^[a-z0-9.]*[\x00-\x7f]$/.test(key) && !key.includes("/") && key !== "." && key !== "..") return key;
  return `=${Buffer.from(key).toString("base64")}`;
}

/** An attached item's content, or undefined. */
export function readBigData(directory: string, key: string): Uint8Array | undefined {
  try {
    return fs.readFileSync(path.join(directory, bigDataFileName(key)));
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether an attached item is there. */
export function hasBigDataFile(directory: string, key: string): boolean {
  return fs.existsSync(path.join(directory, bigDataFileName(key)));
}

/** Writes an attached item as a whole, making the directory. The caller holds the lock of the records that name it. */
export function writeBigData(directory: string, item: { readonly key: string; readonly data: Uint8Array }, durable: boolean): void {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileAtomic(path.join(directory, bigDataFileName(item.key)), item.data, { mode: 0o600, durable, locked: true });
}
