import { closeSync, openSync } from "node:fs";
import { writeFully } from "@containers/common/cli/output";

/** Writes a stream to a file, made or emptied, or without one to standard output. */
export async function writeStream(stream: AsyncIterable<Uint8Array>, path: string | undefined): Promise<void> {
  const fd = path === undefined ? 1 : openSync(path, "w", 0o644);
  try {
    for await (const chunk of stream) writeFully(fd, chunk);
  } finally {
    if (fd !== 1) closeSync(fd);
  }
}
