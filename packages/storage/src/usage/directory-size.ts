import fs from "node:fs";
import path from "node:path";

/** Bytes of the regular files below a directory, files with several names counted once. What vanishes meanwhile counts nothing. */
export async function directorySize(directory: string): Promise<number> {
  const seen = new Set<string>();
  let total = 0;
  const pending = [directory];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const entry of await readEntries(current)) {
      const file = path.join(current, entry.name);
      if (entry.isDirectory()) pending.push(file);
      if (!entry.isFile()) continue;
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stat === undefined) continue;
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

async function readEntries(directory: string): Promise<fs.Dirent[]> {
  try {
    return fs.readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
