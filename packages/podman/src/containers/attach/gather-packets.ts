import { MSG_DONTWAIT } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** More than the largest packet of any monitor: a stream's byte and output, of which ours and the original send 8 KiB. */
const LARGEST_PACKET = 65537;
/** Bytes that are written at once. */
const GATHERED = 128 * 1024;

/** Takes what waits at an attach socket beside a packet that was read. */
interface PacketGatherer {
  /**
   * Hands on the output of `first` and of the packets that wait behind it, in their order, as few large pieces; `write` gets the stream's byte and the
   * bytes, which it may not keep. Ends after {@link GATHERED} bytes at the latest, so that input and signals have their turn.
   */
  gather(first: Uint8Array, write: (stream: number, bytes: Uint8Array) => void): void;
}

/** The event loop reads one packet at a time and goes around once for each: an eighth more time for a large output. */
export function packetGatherer(sys: Sys, fd: number): PacketGatherer {
  let room: Buffer | undefined;
  return {
    gather(first, write) {
      const buffer = (room ??= Buffer.allocUnsafeSlow(GATHERED + LARGEST_PACKET));
      let stream = first[0] ?? 0;
      let end = first.length;
      buffer.set(first);
      // A packet is received with its stream's byte over the last byte of the one before, which is put back.
      while (end <= GATHERED) {
        const kept = buffer[end - 1] ?? 0;
        const length = receive(sys, fd, buffer, end - 1);
        const next = buffer[end - 1] ?? 0;
        buffer[end - 1] = kept;
        if (length <= 0) break;
        if (next === stream) {
          end += length - 1;
          continue;
        }
        write(stream, buffer.subarray(1, end));
        stream = next;
        buffer.copyWithin(1, end, end + length - 1);
        end = length;
      }
      write(stream, buffer.subarray(1, end));
    },
  };
}

/** An end or an error is left to the event loop, which meets it again. */
function receive(sys: Sys, fd: number, buffer: Buffer, at: number): number {
  try {
    return sys.recv(fd, buffer, at, LARGEST_PACKET, MSG_DONTWAIT);
  } catch {
    return 0;
  }
}
