import type { StreamName } from "../logs/log-driver.ts";

/** Bytes of output in one packet to an attached client; with the stream's byte in front it is one more. */
const FRAME_DATA = 8192;
/** The largest packet that a client may send. */
export const LARGEST_INPUT = 32768;

/** The first byte of a packet. A terminal has one stream only. */
const STREAM_BYTE: Readonly<Record<StreamName, number>> = { stdout: 2, stderr: 3 };

/**
 * Cuts `start`..`end` into packets without copying: the stream's byte is put over the byte in front of each
 * piece, which has been sent by then; `start` must be at least 1. `send` gets each packet's place in the buffer.
 */
export function forEachFrame(
  buffer: Buffer,
  stream: StreamName,
  range: { start: number; end: number },
  send: (at: number, length: number) => void,
): void {
  for (let at = range.start; at < range.end; at += FRAME_DATA) {
    const length = Math.min(FRAME_DATA, range.end - at);
    buffer[at - 1] = STREAM_BYTE[stream];
    send(at - 1, length + 1);
  }
}
