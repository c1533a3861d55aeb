import fs from "node:fs";
import { fsPath } from "@containers/common/fs/raw-names";
import { readNames } from "@containers/common/fs/read-names";

/** Bytes of the regular files below a directory, files with several names counted once. What vanishes meanwhile counts nothing. */
export async function directorySize(directory: string): Promise<number> {
  const seen = new Set<string>();
  let total = 0;
  const pending = [directory];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const name of namesIn(current)) {
      const file = `${current}/${name}`;
      const stat = fs.lstatSync(fsPath(file), { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) pending.push(file);
      if (stat?.isFile() !== true) continue;
      if (stat.nlink > 1) {
        const key = `${stat.dev}:${stat.ino}`;
        if (seen.has(key)) continue;
        seen.add(key);
      }
      total += stat.size;
    }
  }
  return total;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readNames(directory);
  } catch {
    return [];
  }
}
