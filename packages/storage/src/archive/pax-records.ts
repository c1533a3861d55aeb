import type { TimeSpec } from "@containers/common/sys/sys";
import { corruptArchive, decodeText } from "./tar-header.ts";

const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/** Parses an extended header's body: `LENGTH KEY=VALUE\n`, repeated. Values stay bytes, because attributes may hold anything. */
export function parsePaxRecords(body: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const digits = space === -1 ? "" : body.toString("latin1", at, space);
    const length = /^[1-9][0-9]{0,7}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = body.indexOf(EQUALS, space + 1);
    if (length === 0 || end > body.length || body[end - 1] !== NEWLINE || equals === -1 || equals >= end) {
      throw corruptArchive("a pax header is malformed");
    }
    addRecord(records, decodeText(body.subarray(space + 1, equals)), body.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

/** A pax number of seconds with a fraction, `1350244992.023960108`. */
export function parsePaxTime(value: string): TimeSpec {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value);
  if (match === null) throw corruptArchive("a pax header holds an invalid time");
  const seconds = Number(match[2]);
  const nanoseconds = Number((match[3] ?? "").slice(0, 9).padEnd(9, "0"));
  if (match[1] === "") return { sec: seconds, nsec: nanoseconds };
  return nanoseconds === 0 ? { sec: -seconds, nsec: 0 } : { sec: -seconds - 1, nsec: 1_000_000_000 - nanoseconds };
}

/** A pax decimal number. */
export function parsePaxNumber(value: string): number {
  const number = Number(value);
  if (!/^-?\d{1,16}$/.test(value) || !Number.isSafeInteger(number)) throw corruptArchive("a pax header holds an invalid number");
  return number;
}

/** GNU's sparse format 0.0 repeats its keys, one pair for each piece: they are collected into the map of format 0.1. */
function addRecord(records: Map<string, Buffer>, key: string, value: Buffer): void {
  if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") {
    const before = records.get("GNU.sparse.map");
    records.set("GNU.sparse.map", before === undefined ? value : Buffer.concat([before, Buffer.from(","), value]));
    return;
  }
  records.set(key, value);
}
