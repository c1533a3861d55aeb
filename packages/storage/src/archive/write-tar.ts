import { encodeName } from "@containers/common/fs/raw-names";
import type { TarEntryType } from "./tar-entry.ts";
import { BLOCK_SIZE } from "./tar-entry.ts";

/** What a header is made of. Names of directories end in a slash. */
export interface HeaderFields {
  readonly name: string;
  readonly type: Exclude<TarEntryType, "global">;
  readonly linkName?: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Whole seconds. */
  readonly mtime: number;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

const FLAGS: Readonly<Record<HeaderFields["type"], string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};
const MAXIMUM_OCTAL_ID = 0o7777777;
const MAXIMUM_OCTAL_SIZE = 0o77777777777;

/** The header blocks of an entry: ustar, preceded by a pax header for what ustar cannot hold. */
export function tarHeader(fields: HeaderFields): Buffer {
  const records = new Map<string, Uint8Array>();
  const say = (key: string, value: string | number): void => void records.set(key, encodeName(String(value)));
  const link = fields.linkName ?? "";
  const split = splitName(fields.name);
  if (split === undefined) say("path", fields.name);
  if (Buffer.byteLength(link) > 100 || !isAscii(link)) say("linkpath", link);
  if (fields.uid > MAXIMUM_OCTAL_ID) say("uid", fields.uid);
  if (fields.gid > MAXIMUM_OCTAL_ID) say("gid", fields.gid);
  if (fields.size > MAXIMUM_OCTAL_SIZE) say("size", fields.size);
  if (fields.mtime > MAXIMUM_OCTAL_SIZE || fields.mtime < 0) say("mtime", fields.mtime);
  for (const [key, value] of fields.xattrs ?? []) records.set(`SCHILY.xattr.${key}`, value);
  const main = headerBlock(fields, split ?? { prefix: "", name: asciiName(fields.name) });
  return records.size === 0 ? main : Buffer.concat([...paxBlocks(fields, records), main]);
}

/** Zeros that fill the last block of a payload. */
export function tarPadding(size: number): number {
  return (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE;
}

/** The two zero blocks that end an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK_SIZE);
}

function headerBlock(fields: HeaderFields, place: { prefix: string; name: string }): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE);
  block.write(place.name, 0, 100, "latin1");
  octal(block, 100, 8, fields.mode & 0o7777);
  octal(block, 108, 8, fields.uid > MAXIMUM_OCTAL_ID ? 0 : fields.uid);
  octal(block, 116, 8, fields.gid > MAXIMUM_OCTAL_ID ? 0 : fields.gid);
  octal(block, 124, 12, fields.size > MAXIMUM_OCTAL_SIZE ? 0 : fields.size);
  octal(block, 136, 12, fields.mtime > MAXIMUM_OCTAL_SIZE || fields.mtime < 0 ? 0 : fields.mtime);
  block.write(FLAGS[fields.type], 156, 1, "latin1");
  block.write(asciiName(fields.linkName ?? ""), 157, 100, "latin1");
  block.write("ustar\x0000", 257, 8, "latin1");
  octal(block, 329, 8, fields.deviceMajor ?? 0);
  octal(block, 337, 8, fields.deviceMinor ?? 0);
  block.write(place.prefix, 345, 155, "latin1");
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8, "latin1");
  return block;
}

function paxBlocks(fields: HeaderFields, records: ReadonlyMap<string, Uint8Array>): Buffer[] {
  const lines = [...records].sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, value]) => paxRecord(key, value));
  const body = Buffer.concat(lines);
  const slash = fields.name.replace(/\/$/, "").lastIndexOf("/");
  const name = asciiName(`${fields.name.slice(0, slash + 1)}PaxHeaders.0/${fields.name.slice(slash + 1)}`);
  const header = headerBlock(
    { name, type: "file", mode: 0, uid: 0, gid: 0, size: body.length, mtime: 0 },
    { prefix: "", name: name.slice(0, 100) },
  );
  header.write("x", 156, 1, "latin1");
  header.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8, "latin1");
  return [header, body, Buffer.alloc(tarPadding(body.length))];
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.byteLength(key) + value.length + 3;
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from("\n")]);
}

/** The name in ustar's two fields, or undefined when it does not fit or is not plain ASCII. */
function splitName(name: string): { prefix: string; name: string } | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= 100) return { prefix: "", name };
  for (let slash = name.indexOf("/", name.length - 101); slash !== -1 && slash <= 155; slash = name.indexOf("/", slash + 1)) {
    if (slash > 0 && slash < name.length - 1) return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
  }
  return undefined;
}

function isAscii(text: string): boolean {
  return !/[^\x01-\x7f]/.test(text);
}

/** What stands in the ustar field of a name that a pax record overrides. */
function asciiName(name: string): string {
  return name.replace(/[^\x01-\x7f]/g, "").slice(0, 100);
}

function octal(block: Buffer, at: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, length, "latin1");
}
