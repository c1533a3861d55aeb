/** Docker's framing of several streams in one: which stream, three zero bytes, the length, the bytes. */
export type StreamName = "stdin" | "stdout" | "stderr";

const NUMBERS: Readonly<Record<StreamName, number>> = { stdin: 0, stdout: 1, stderr: 2 };

/** One frame. */
export function frame(stream: StreamName, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = NUMBERS[stream];
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
