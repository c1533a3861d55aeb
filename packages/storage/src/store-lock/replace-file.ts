import fs from "node:fs";
import path from "node:path";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";

/** Replaces a file as a whole. Without `durable` it may be lost in a power cut, but is never seen half-written. */
export function replaceFile(file: string, data: string | Uint8Array, options: { readonly mode: number; readonly durable: boolean }): void {
  if (options.durable) {
    writeFileAtomic(file, data, { mode: options.mode });
    return;
  }
  const temporary = path.join(
    path.dirname(file),
    `.tmp-${path.basename(file).slice(0, 200)}-${process.pid}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`,
  );
  try {
    fs.writeFileSync(temporary, data, { mode: options.mode, flag: "wx" });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}
