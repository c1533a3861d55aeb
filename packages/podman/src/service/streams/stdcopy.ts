/** Docker's framing of several streams in one: which stream, three zero bytes, the length, the bytes. */
export type StreamName = "stdin" | "stdout" | "stderr";

const NUMBERS: Readonly<Record<StreamName, number>> = { stdin: 0, stdout: 1, stderr: 2 };

/** One frame, with a copy of the bytes. */
export function frame(stream: StreamName, payload: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(8 + payload.length);
  whole.writeUInt32BE(NUMBERS[stream] << 24, 0);
  whole.writeUInt32BE(payload.length, 4);
  whole.set(payload, 8);
  return whole;
}
