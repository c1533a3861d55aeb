import { ToolError } from "@containers/common/errors/tool-error";
import type { TimeSpec } from "@containers/common/sys/sys";
import type { TarEntry } from "../archive/tar-entry.ts";

/** An entry of a table of contents, with the keys that containers/storage gives them. What is empty or zero is absent. */
export interface TocEntry {
  readonly type: string;
  readonly name: string;
  readonly linkName?: string;
  readonly mode?: number;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly modtime?: string;
  readonly accesstime?: string;
  readonly changetime?: string;
  readonly devMajor?: number;
  readonly devMinor?: number;
  /** Values in base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Of the whole file's contents. */
  readonly digest?: string;
  /** Of the compressed contents, in the blob. */
  readonly offset?: number;
  readonly endOffset?: number;
  readonly chunkSize?: number;
  /** Place of the chunk in the file. */
  readonly chunkOffset?: number;
  readonly chunkDigest?: string;
  /** `zeros`, or absent. */
  readonly chunkType?: string;
}

export interface Toc {
  readonly entries: readonly TocEntry[];
  /** Digest of the compressed tar-split data. */
  readonly tarSplitDigest: string | undefined;
}

export const ZEROS = "zeros";

const TYPES: Readonly<Record<string, string>> = {
  "0": "reg",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "dir",
  "6": "fifo",
};
const YEAR_0 = -62_167_219_200;
const YEAR_9999 = 253_402_300_799;
const TEXTS = ["linkName", "modtime", "accesstime", "changetime", "digest", "chunkDigest", "chunkType"] as const;
const NUMBERS = ["mode", "size", "uid", "gid", "devMajor", "devMinor", "offset", "endOffset", "chunkSize", "chunkOffset"] as const;

/**
 * What a table says of an archive's entry, contents apart; undefined for an entry that the format has no words for (sparse files, global headers,
 * times in old headers).
 */
export function describeEntry(entry: TarEntry): TocEntry | undefined {
  const { asWritten } = entry;
  if (asWritten === undefined || asWritten.moreTimes || entry.sparse !== undefined) return undefined;
  const type = TYPES[asWritten.typeFlag];
  if (type === undefined || (type === "reg" && entry.type !== "file")) return undefined;
  const times = [entry.mtime, entry.atime, asWritten.ctime];
  if (times.some((time) => time !== undefined && (time.sec < YEAR_0 || time.sec > YEAR_9999))) return undefined;
  return withoutEmpty({
    type,
    name: entry.name,
    linkName: asWritten.linkName,
    mode: asWritten.mode,
    size: asWritten.size,
    uid: entry.uid,
    gid: entry.gid,
    modtime: formatTime(entry.mtime),
    accesstime: formatTime(entry.atime),
    changetime: formatTime(asWritten.ctime),
    devMajor: entry.deviceMajor,
    devMinor: entry.deviceMinor,
    xattrs: formatAttributes(entry.xattrs),
  });
}

/** Drops what is empty: absent keys mean the same. */
export function withoutEmpty(entry: { [Key in keyof TocEntry]: TocEntry[Key] | undefined }): TocEntry {
  const kept = Object.entries(entry).filter(([, value]) => value !== undefined && value !== 0 && value !== "");
  return Object.fromEntries(kept) as unknown as TocEntry;
}

/** The first key by which two descriptions of one entry differ, contents apart. */
export function differsIn(left: TocEntry, right: TocEntry): string | undefined {
  for (const key of ["type", "name", "linkName"] as const) if ((left[key] ?? "") !== (right[key] ?? "")) return key;
  for (const key of ["mode", "size", "uid", "gid", "devMajor", "devMinor"] as const) if ((left[key] ?? 0) !== (right[key] ?? 0)) return key;
  for (const key of ["modtime", "accesstime", "changetime"] as const) if (!sameTime(left[key], right[key])) return key;
  const names = Object.keys({ ...left.xattrs, ...right.xattrs });
  return names.some((name) => left.xattrs?.[name] !== right.xattrs?.[name]) ? "xattrs" : undefined;
}

/** Parses a table of contents; throws `corrupt` for anything that is not one. */
export function parseToc(json: Uint8Array): Toc {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (cause) {
    throw new ToolError("corrupt", "the TOC is not JSON", { cause });
  }
  if (!isObject(value) || value["version"] !== 1) throw new ToolError("corrupt", "the TOC has an unknown version");
  const { entries, tarSplitDigest } = value;
  if (!Array.isArray(entries) || !entries.every(isEntry)) throw new ToolError("corrupt", "the TOC has an invalid entry");
  return { entries, tarSplitDigest: typeof tarSplitDigest === "string" && tarSplitDigest !== "" ? tarSplitDigest : undefined };
}

function isEntry(value: unknown): value is TocEntry {
  if (!isObject(value) || typeof value["type"] !== "string" || typeof value["name"] !== "string") return false;
  if (TEXTS.some((key) => value[key] !== undefined && typeof value[key] !== "string")) return false;
  if (NUMBERS.some((key) => value[key] !== undefined && !isCount(value[key]))) return false;
  const { xattrs } = value;
  return xattrs === undefined || (isObject(xattrs) && Object.values(xattrs).every((text) => typeof text === "string"));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function formatTime(time: TimeSpec | undefined): string | undefined {
  if (time === undefined) return undefined;
  const seconds = new Date(time.sec * 1000).toISOString().slice(0, 19);
  const fraction = time.nsec === 0 ? "" : `.${String(time.nsec).padStart(9, "0").replace(/0+$/, "")}`;
  return `${seconds}${fraction}Z`;
}

/** No time at all and the epoch count as the same, as writers have treated them so. */
function sameTime(left: string | undefined, right: string | undefined): boolean {
  return left === right || instant(left) === instant(right);
}

function instant(text: string | undefined): string {
  if (text === undefined) return "0.";
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return text;
  const seconds = Date.parse(`${match[1]}${match[3]}`) / 1000;
  return text.startsWith("0001-01-01T00:00:00Z") ? "0." : `${seconds}.${(match[2] ?? "").replace(/0+$/, "")}`;
}

function formatAttributes(xattrs: ReadonlyMap<string, Uint8Array> | undefined): Record<string, string> | undefined {
  if (xattrs === undefined || xattrs.size === 0) return undefined;
  return Object.fromEntries([...xattrs].map(([name, value]) => [name, Buffer.from(value).toString("base64")]));
}
