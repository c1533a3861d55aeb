import { closeSync, openSync, writeSync } from "node:fs";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { O_CLOEXEC, O_NONBLOCK, O_WRONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Milliseconds until a full pipe is tried again. */
const FULL_PIPE_WAIT = 1;

/** A pipe to a client, fed while other requests are answered. */
export interface OutgoingPipe {
  /** For the client, who gets its own: to be closed once it was sent. */
  readonly readEnd: number;
  readonly writeEnd: number;
  close(): void;
}

/** The client's end blocks, as clients expect; ours does not, so that a slow client holds nobody else up. */
export function openPipe(sys: Sys): OutgoingPipe {
  const [readEnd, blocking] = sys.pipe2(O_CLOEXEC);
  let writeEnd = -1;
  try {
    writeEnd = openSync(`/proc/self/fd/${blocking}`, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  } catch (error) {
    sys.close(readEnd);
    throw error;
  } finally {
    sys.close(blocking);
  }
  let open = true;
  return {
    readEnd,
    writeEnd,
    close() {
      if (open) closeSync(writeEnd);
      open = false;
    },
  };
}

/** Writes all of the stream; rejects with the stream's error, or EPIPE when the client has closed its end. */
export async function feed({ writeEnd }: OutgoingPipe, stream: ByteStream, signal: AbortSignal): Promise<void> {
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      signal.throwIfAborted();
      const written = writeSome(writeEnd, chunk, at);
      if (written === 0) await Bun.sleep(FULL_PIPE_WAIT);
      at += written;
    }
  }
}

function writeSome(fd: number, chunk: Uint8Array, at: number): number {
  try {
    return writeSync(fd, chunk, at, chunk.length - at);
  } catch (error) {
    if (errnoCode(error) === "EAGAIN") return 0;
    throw error;
  }
}
