import { readFileSync } from "node:fs";

/** What the runtime logged (`--log`); empty when there is nothing. */
export function readOciLog(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
