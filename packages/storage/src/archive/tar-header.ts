import { ToolError } from "@containers/common/errors/tool-error";
import { decodeName } from "@containers/common/fs/raw-names";
import { BLOCK_SIZE } from "./tar-entry.ts";

/** The fixed fields of one 512-byte header block, before any extension is applied. */
export interface RawHeader {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  /** One character; NUL (an old archive's plain file) is given as `0`. */
  readonly typeFlag: string;
  readonly linkName: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** GNU's and star's headers may hold an access and a change time. */
  readonly moreTimes: boolean;
}

const SPACE = 0x20;

/** True when the block is all zeros, two of which end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  if (block[0] !== 0) return false;
  for (let at = 1; at < BLOCK_SIZE; at++) if (block[at] !== 0) return false;
  return true;
}

/** Parses a header block (ustar, GNU, star or v7); throws `corrupt` when its checksum or a number does not hold. */
export function parseHeader(block: Buffer): RawHeader {
  verifyChecksum(block);
  const typeFlag = block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0);
  const ustar = block.toString("latin1", 257, 265) === "ustar\x0000";
  const star = ustar && block.toString("latin1", 508, 512) === "tar\0";
  const gnu = block.toString("latin1", 257, 265) === "ustar  \0";
  let name = headerText(block, 0, 100);
  if (ustar) {
    const prefix = headerText(block, 345, star ? 131 : 155);
    if (prefix !== "") name = `${prefix}/${name}`;
  }
  return {
    name,
    mode: headerNumber(block, 100, 8),
    uid: headerNumber(block, 108, 8),
    gid: headerNumber(block, 116, 8),
    size: headerNumber(block, 124, 12),
    mtime: headerNumber(block, 136, 12),
    typeFlag,
    linkName: headerText(block, 157, 100),
    deviceMajor: ustar || gnu ? headerNumber(block, 329, 8) : 0,
    deviceMinor: ustar || gnu ? headerNumber(block, 337, 8) : 0,
    moreTimes: star || (gnu && (block[345] !== 0 || block[357] !== 0)),
  };
}

/** An octal (or GNU base-256) number field. */
export function headerNumber(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if ((first & 0x80) !== 0) return base256(block, start, length);
  let at = start;
  let end = start + length;
  while (at < end && (block[at] === SPACE || block[at] === 0)) at++;
  while (end > at && (block[end - 1] === SPACE || block[end - 1] === 0)) end--;
  let value = 0;
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) {
      if (block[at] === 0) break;
      throw corruptArchive("a header holds an invalid number");
    }
    value = value * 8 + digit;
  }
  return value;
}

/** A name or other text of a header; names need not be UTF-8. */
export function decodeText(bytes: Buffer): string {
  for (const byte of bytes) if (byte >= 0x80) return decodeName(bytes);
  return bytes.toString("latin1");
}

/** The error for an archive that does not keep to its format. */
export function corruptArchive(problem: string): ToolError {
  return new ToolError("corrupt", `invalid tar archive: ${problem}`);
}

function headerText(block: Buffer, start: number, length: number): string {
  const nul = block.indexOf(0, start);
  const end = nul === -1 || nul > start + length ? start + length : nul;
  return start === end ? "" : decodeText(block.subarray(start, end));
}

function base256(block: Buffer, start: number, length: number): number {
  const negative = ((block[start] ?? 0) & 0x40) !== 0;
  let value = negative ? -1n : 0n;
  value = (value << 6n) | BigInt((block[start] ?? 0) & 0x3f);
  for (let at = start + 1; at < start + length; at++) value = (value << 8n) | BigInt(block[at] ?? 0);
  const result = Number(value);
  if (!Number.isSafeInteger(result)) throw corruptArchive("a header holds a number out of range");
  return result;
}

/** Both the unsigned sum of the standard and the signed one of old Sun archives count. */
function verifyChecksum(block: Buffer): void {
  let unsigned = 8 * SPACE;
  let signed = unsigned;
  for (let at = 0; at < BLOCK_SIZE; at++) {
    if (at === 148) at = 156;
    const byte = block[at] as number;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const stored = headerNumber(block, 148, 8);
  if (stored !== unsigned && stored !== signed) throw corruptArchive("a header's checksum does not match");
}
