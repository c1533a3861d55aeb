import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";

/** What criu measured of a dump: microseconds and pages. */
export interface DumpStats {
  readonly freezing_time: number;
  readonly frozen_time: number;
  readonly memdump_time: number;
  readonly memwrite_time: number;
  readonly pages_scanned: number;
  readonly pages_written: number;
}

export interface RestoreStats {
  readonly pages_compared: number;
  readonly pages_skipped_cow: number;
  readonly forking_time: number;
  readonly restore_time: number;
  readonly pages_restored: number;
}

/** Two magic numbers and a length stand before the one message of the file. */
const HEADER = 12;

/** `stats-dump`, as criu's stats.proto has it. */
export function readDumpStats(path: string): DumpStats {
  const fields = readFields(path, 1);
  return {
    freezing_time: fields.get(1) ?? 0,
    frozen_time: fields.get(2) ?? 0,
    memdump_time: fields.get(3) ?? 0,
    memwrite_time: fields.get(4) ?? 0,
    pages_scanned: fields.get(5) ?? 0,
    pages_written: fields.get(7) ?? 0,
  };
}

/** `stats-restore`. */
export function readRestoreStats(path: string): RestoreStats {
  const fields = readFields(path, 2);
  return {
    pages_compared: fields.get(1) ?? 0,
    pages_skipped_cow: fields.get(2) ?? 0,
    forking_time: fields.get(3) ?? 0,
    restore_time: fields.get(4) ?? 0,
    pages_restored: fields.get(5) ?? 0,
  };
}

function readFields(path: string, part: number): Map<number, number> {
  const bytes = readFileSync(path);
  if (bytes.length < HEADER) throw new ToolError("corrupt", `${path} is no statistics of criu's`);
  const end = HEADER + bytes.readUInt32LE(8);
  const message = parts(bytes.subarray(HEADER, end)).find(({ field }) => field === part);
  const numbers = message === undefined ? [] : parts(message.bytes);
  return new Map(numbers.map(({ field, value }) => [field, value]));
}

interface Part {
  readonly field: number;
  /** Of a number. */
  readonly value: number;
  /** Of a message. */
  readonly bytes: Uint8Array;
}

/** The fields of a protobuf message: numbers and messages are all that the statistics have. */
function parts(bytes: Uint8Array): Part[] {
  const found: Part[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    const length = varint();
    if (key % 8 === 2) {
      found.push({ field, value: 0, bytes: bytes.subarray(at, at + length) });
      at += length;
    } else found.push({ field, value: length, bytes: new Uint8Array() });
  }
  return found;
}
