import { closeSync, openSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";

/** `--out FILE`, `--noout`: from here on the file is the standard output of this process and of what it starts. */
export function redirectOutput(path: string): void {
  const fd = open(path);
  linuxSys().dup2(fd, 1);
  closeSync(fd);
}

function open(path: string): number {
  try {
    return openSync(path, "w", 0o644);
  } catch (error) {
    throw new ToolError("invalid-argument", `unable to open the output file ${path}`, { cause: error });
  }
}
