import { readSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";

/** A file in an archive, and where its bytes are. */
export interface TarEntry {
  /** Cleaned: no `./` in front, no `/` at the end. */
  readonly name: string;
  readonly type: "file" | "symlink" | "hardlink" | "other";
  readonly target: string;
  readonly offset: number;
  readonly size: number;
}

const BLOCK = 512;
/** Long names and pax headers above this are no image archive's. */
const MAX_EXTENSION = 1 << 20;

/** Finds all entries of an uncompressed tar by skipping from header to header: the contents are not read. Throws corrupt when it is cut off. */
export function indexTar(fd: number, fileSize: number): readonly TarEntry[] {
  const entries: TarEntry[] = [];
  let pending: Overrides = {};
  for (let at = 0; ; ) {
    const block = readBlock(fd, at);
    if (block === undefined || block.every((byte) => byte === 0)) {
      if (block === undefined && entries.length === 0) throw truncated(at);
      return entries;
    }
    verifyChecksum(block, at);
    const type = String.fromCharCode(block[156] ?? 0);
    const size = pending.size ?? readNumber(block, 124, 12);
    const offset = at + BLOCK;
    const end = offset + Math.ceil(size / BLOCK) * BLOCK;
    if (!Number.isSafeInteger(end) || offset + size > fileSize) throw truncated(at);
    if (type === "x" || type === "L" || type === "K") pending = { ...pending, ...readExtension(fd, { type, offset, size }) };
    else if (type !== "g") {
      entries.push(toEntry(block, { type, offset, size, overrides: pending }));
      pending = {};
    }
    at = end;
  }
}

interface Overrides {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

function toEntry(
  block: Buffer,
  of: { readonly type: string; readonly offset: number; readonly size: number; readonly overrides: Overrides },
): TarEntry {
  const prefix = block.toString("latin1", 257, 262) === "ustar" ? readText(block, 345, 155) : "";
  const short = readText(block, 0, 100);
  const name = of.overrides.path ?? (prefix === "" ? short : `${prefix}/${short}`);
  const type =
    of.type === "0" || of.type === "\0" || of.type === "7" ? "file" : of.type === "2" ? "symlink" : of.type === "1" ? "hardlink" : "other";
  return { name: cleanName(name), type, target: of.overrides.linkpath ?? readText(block, 157, 100), offset: of.offset, size: of.size };
}

function readExtension(fd: number, header: { readonly type: string; readonly offset: number; readonly size: number }): Overrides {
  if (header.size > MAX_EXTENSION) throw new ToolError("corrupt", `an extended header of ${header.size} bytes is too large`);
  const bytes = Buffer.alloc(header.size);
  readSync(fd, bytes, 0, bytes.length, header.offset);
  if (header.type === "L") return { path: bytes.toString("utf8").replace(/\0.*$/s, "") };
  if (header.type === "K") return { linkpath: bytes.toString("utf8").replace(/\0.*$/s, "") };
  return readPax(bytes);
}

/** Records of the form `LENGTH KEY=VALUE\n`, where the length counts the whole record. */
function readPax(bytes: Buffer): Overrides {
  const found: { path?: string; linkpath?: string; size?: number } = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString("latin1", at, space));
    if (space < 0 || !(length > 0) || at + length > bytes.length) break;
    const record = bytes.toString("utf8", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    const value = record.slice(equals + 1);
    if (record.startsWith("path=")) found.path = value;
    if (record.startsWith("linkpath=")) found.linkpath = value;
    if (record.startsWith("size=")) found.size = Number(value);
    at += length;
  }
  return found;
}

function cleanName(name: string): string {
  return name.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "");
}

function readBlock(fd: number, at: number): Buffer | undefined {
  const block = Buffer.alloc(BLOCK);
  return readSync(fd, block, 0, BLOCK, at) === BLOCK ? block : undefined;
}

function readText(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString("utf8", at, end < 0 || end > at + length ? at + length : end);
}

function readNumber(block: Buffer, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) !== 0) return Number(block.readBigUInt64BE(at + length - 8));
  const text = readText(block, at, length).trim();
  if (!/^[0-7]*$/.test(text)) throw new ToolError("corrupt", "a tar header holds a malformed number");
  return text === "" ? 0 : Number.parseInt(text, 8);
}

function verifyChecksum(block: Buffer, at: number): void {
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
  if (sum !== readNumber(block, 148, 8)) throw new ToolError("corrupt", `no tar header at byte ${at}`, { hint: "is it an image archive?" });
}

function truncated(at: number): ToolError {
  return new ToolError("corrupt", `the archive is cut off after byte ${at}: unexpected EOF`);
}
