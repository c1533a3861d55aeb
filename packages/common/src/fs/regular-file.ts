import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";

/**
 * Opens for reading what must be a regular file: in a directory that others fill, a pipe or device of that name would be waited for without
 * end. Links are followed. Throws corrupt for anything else, and what `openSync` throws. The caller closes the descriptor.
 */
export function openRegularFile(path: string): number {
  // Without O_NONBLOCK the opening of a pipe itself waits.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new ToolError("corrupt", `${path}: not a regular file`);
}

/** The content of what must be a regular file of at most `max` bytes; throws as {@link openRegularFile}, and corrupt beyond. */
export function readRegularFile(path: string, max = Number.POSITIVE_INFINITY): Buffer {
  const fd = openRegularFile(path);
  try {
    const { size } = fstatSync(fd);
    if (size > max) throw new ToolError("corrupt", `${path}: ${size} bytes, more than the limit of ${max}`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
