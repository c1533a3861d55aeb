import type { RawRecord } from "./record-table.ts";

/** Where a record begins: both tools write its id first. */
const BEGINNING = /\{\s*"id"\s*:\s*"[0-9a-f]{64}"/g;

/** The records of a JSON file that a full disk, a power failure or a bad sector has cut or overwritten: those that are whole. */
export function salvageRecords(text: string): RawRecord[] {
  const records: RawRecord[] = [];
  let end = 0;
  for (const { index } of text.matchAll(BEGINNING)) {
    if (index < end) continue;
    const close = closingBrace(text, index);
    const record = close === undefined ? undefined : parsed(text.slice(index, close + 1));
    if (record === undefined || close === undefined) continue;
    records.push(record);
    end = close;
  }
  return records;
}

function closingBrace(text: string, from: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{") depth += 1;
    else if (character === "}" && --depth === 0) return at;
  }
  return undefined;
}

function parsed(text: string): RawRecord | undefined {
  try {
    return JSON.parse(text) as RawRecord;
  } catch {
    return undefined;
  }
}
