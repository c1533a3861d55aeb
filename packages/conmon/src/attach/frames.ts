import type { StreamName } from "../logs/log-driver.ts";

/** Bytes of output in one packet to an attached client; with the stream's byte in front it is one more. Clients in general take no larger ones. */
const FRAME_DATA = 8192;
/** What our own clients take: as much as a pipe holds. */
const WIDE_FRAME_DATA = 65536;
/** A client that takes wide packets is bound to an abstract name that begins so. The protocol has no word for it; who does not know of it is not disturbed. */
const WIDE_CLIENT = "\0attach-packets-64k-";
/** The largest packet that a client may send. */
export const LARGEST_INPUT = 32768;

/** The first byte of a packet. A terminal has one stream only. */
const STREAM_BYTE: Readonly<Record<StreamName, number>> = { stdout: 2, stderr: 3 };

/** Bytes of output in a packet to the client of this name (see `Sys.peerName`). */
export function frameDataFor(clientName: string): number {
  return clientName.startsWith(WIDE_CLIENT) ? WIDE_FRAME_DATA : FRAME_DATA;
}

/**
 * Cuts `start`..`end` into packets without copying: the stream's byte is put over the byte in front of each
 * piece while it is sent; `start` must be at least 1. `send` gets each packet's place in the buffer.
 */
export function forEachFrame(
  buffer: Buffer,
  stream: StreamName,
  range: { start: number; end: number; frameData: number },
  send: (at: number, length: number) => void,
): void {
  for (let at = range.start; at < range.end; at += range.frameData) {
    const length = Math.min(range.frameData, range.end - at);
    const kept = buffer[at - 1] ?? 0;
    buffer[at - 1] = STREAM_BYTE[stream];
    send(at - 1, length + 1);
    // Clients with packets of another size still want it.
    buffer[at - 1] = kept;
  }
}
