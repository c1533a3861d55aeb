import { lstatSync, readdirSync } from "node:fs";

/** Bytes of the files below a directory; what vanishes meanwhile does not count. */
export function treeSize(path: string): number {
  let total = 0;
  try {
    for (const name of readdirSync(path)) {
      const file = lstatSync(`${path}/${name}`);
      total += file.isDirectory() ? treeSize(`${path}/${name}`) : file.size;
    }
  } catch {
    return total;
  }
  return total;
}
