import { constants, createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";

/**
 * A file's bytes; a FIFO or device in its place is refused, not waited for.
 *
 * @throws not-found, denied; invalid-argument for what is no regular file
 */
export async function fileStream(path: string): Promise<{ readonly stream: ByteStream; readonly size: number }> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) {
      await file.close();
      throw new ToolError("invalid-argument", "not a regular file");
    }
    const { size } = stat;
    await file.close();
    return { stream: createReadStream(path), size };
  } catch (error) {
    throw wrapError(`reading "${path}"`, error);
  }
}
