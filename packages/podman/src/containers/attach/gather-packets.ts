import { MSG_DONTWAIT, POLLIN } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** More than the largest packet of any monitor: a stream's byte and output, of which ours sends 64 KiB and the original 8. */
const LARGEST_PACKET = 65537;
/** Bytes that are written at once. */
const GATHERED = 128 * 1024;
/** So much at once is a flood: more will follow within a moment. */
const FLOOD = 32 * 1024;
/** The moment: how long the event loop may be kept from its own waiting for a packet … */
const MOMENT_MS = 2;
/** … and after how long input and signals have their turn. */
const TURN_MS = 10;

/** Takes what waits at an attach socket beside a packet that was read. */
interface PacketGatherer {
  /**
   * Hands on the output of `first` and of the packets that wait behind it, in their order, as few large pieces; `write` gets the stream's byte and the
   * bytes, which it may not keep. While output floods in, waits for more of it, for {@link TURN_MS} at the most.
   */
  gather(first: Uint8Array, write: (stream: number, bytes: Uint8Array) => void): void;
}

/**
 * The event loop reads one packet at a time, into memory that it has to get and to clear away, and goes around once for each. That is as much work again as
 * all the rest of passing on a large output.
 */
export function packetGatherer(sys: Sys, fd: number): PacketGatherer {
  let room: Buffer | undefined;
  return {
    gather(first, write) {
      const buffer = (room ??= Buffer.allocUnsafeSlow(GATHERED + LARGEST_PACKET));
      const until = performance.now() + TURN_MS;
      buffer.set(first);
      for (let length = first.length; length > 0; length = receive(sys, fd, buffer, 0)) {
        const taken = takeWaiting(sys, { fd, buffer, length }, write);
        if (taken < FLOOD || performance.now() > until || sys.poll([{ fd, events: POLLIN, revents: 0 }], MOMENT_MS) === 0) return;
      }
    },
  };
}

/** Writes the packet of `length` bytes at the buffer's start and those behind it, until none waits or {@link GATHERED} bytes are reached; the bytes taken. */
function takeWaiting(
  sys: Sys,
  { fd, buffer, length: firstLength }: { readonly fd: number; readonly buffer: Buffer; readonly length: number },
  write: (stream: number, bytes: Uint8Array) => void,
): number {
  let stream = buffer[0] ?? 0;
  let end = firstLength;
  let taken = 0;
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
    taken += end;
    stream = next;
    buffer.copyWithin(1, end, end + length - 1);
    end = length;
  }
  write(stream, buffer.subarray(1, end));
  return taken + end;
}

/** An end or an error is left to the event loop, which meets it again. */
function receive(sys: Sys, fd: number, buffer: Buffer, at: number): number {
  try {
    return sys.recv(fd, buffer, at, LARGEST_PACKET, MSG_DONTWAIT);
  } catch {
    return 0;
  }
}
