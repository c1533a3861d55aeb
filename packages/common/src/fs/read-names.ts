import { readdirSync } from "node:fs";
import { decodeName, fsPath } from "./raw-names.ts";

const REPLACEMENT = "\ufffd";

/** The names in a directory, in no order. Throws what `readdirSync` throws. */
export function readNames(directory: string): string[] {
  const names = readdirSync(fsPath(directory));
  // A replacement character hides bytes that are no UTF-8, or is one that stands in the name.
  if (!names.some((name) => name.includes(REPLACEMENT))) return names;
  return readdirSync(fsPath(directory), { encoding: "buffer" }).map(decodeName);
}
