import { ToolError } from "../../errors/tool-error.ts";
import {
  BUCKET_HEADER,
  type Bucket,
  checksum,
  ELEMENT,
  ELEMENT_BUCKET,
  FLAG_BRANCH,
  FLAG_LEAF,
  MAGIC,
  META_SIZE,
  type Meta,
  PAGE_HEADER,
  VERSION,
} from "./bolt-format.ts";

export interface BoltContent {
  readonly meta: Meta;
  readonly root: Bucket;
  /** Pages that the present state lives in, meta pages included: a writer leaves them alone. */
  readonly usedPages: ReadonlySet<number>;
}

/** The newest valid state of a database file. Every offset is checked: the file may be cut short or foreign. */
export function readBolt(file: Buffer, path: string): BoltContent {
  const meta = newestMeta(file);
  if (meta === undefined) throw corrupt(path, "no valid meta page");
  const reader: Reader = { file, path, pageSize: meta.pageSize, used: new Set([0, 1]) };
  return { meta, root: readBucketPage(reader, meta.root), usedPages: reader.used };
}

interface Reader {
  readonly file: Buffer;
  readonly path: string;
  readonly pageSize: number;
  readonly used: Set<number>;
}

function newestMeta(file: Buffer): Meta | undefined {
  const metas = [0, 4096, 8192, 16384, 65536].flatMap((offset) => readMeta(file, offset) ?? []);
  return metas.sort((a, b) => (a.transaction < b.transaction ? 1 : -1))[0];
}

function readMeta(file: Buffer, offset: number): Meta | undefined {
  const at = offset + PAGE_HEADER;
  if (file.length < at + META_SIZE) return undefined;
  if (file.readUInt32LE(at) !== MAGIC || file.readUInt32LE(at + 4) !== VERSION) return undefined;
  if (file.readBigUInt64LE(at + 56) !== checksum(file.subarray(at, at + 56))) return undefined;
  return {
    pageSize: file.readUInt32LE(at + 8),
    root: Number(file.readBigUInt64LE(at + 16)),
    highWater: Number(file.readBigUInt64LE(at + 40)),
    transaction: file.readBigUInt64LE(at + 48),
  };
}

function readBucketPage(reader: Reader, page: number): Bucket {
  const bucket: Bucket = new Map();
  addPage(reader, page, bucket);
  return bucket;
}

function addPage(reader: Reader, page: number, into: Bucket): void {
  const start = page * reader.pageSize;
  if (reader.used.has(page) || start + PAGE_HEADER > reader.file.length) throw corrupt(reader.path, `bad page ${page}`);
  const overflow = reader.file.readUInt32LE(start + 12);
  const end = start + (1 + overflow) * reader.pageSize;
  if (end > reader.file.length) throw corrupt(reader.path, `page ${page} reaches beyond the end`);
  for (let at = page; at <= page + overflow; at++) reader.used.add(at);
  addElements(reader, reader.file.subarray(start, end), into);
}

function addElements(reader: Reader, page: Buffer, into: Bucket): void {
  const flags = page.readUInt16LE(8);
  const count = page.readUInt16LE(10);
  if (flags !== FLAG_BRANCH && flags !== FLAG_LEAF) throw corrupt(reader.path, `unknown page type ${flags}`);
  for (let index = 0; index < count; index++) {
    const at = PAGE_HEADER + index * ELEMENT;
    if (flags === FLAG_BRANCH) addPage(reader, Number(page.readBigUInt64LE(at + 8)), into);
    else addLeafElement(reader, page.subarray(at), into);
  }
}

function addLeafElement(reader: Reader, element: Buffer, into: Bucket): void {
  const key = element.readUInt32LE(4);
  const value = key + element.readUInt32LE(8);
  const end = value + element.readUInt32LE(12);
  if (end > element.length) throw corrupt(reader.path, "an element reaches beyond its page");
  const bytes = element.subarray(value, end);
  into.set(element.toString("latin1", key, value), element.readUInt32LE(0) === ELEMENT_BUCKET ? readSubBucket(reader, bytes) : bytes);
}

/** A bucket is the number of its root page; a small one follows on the spot instead, as a page without a number. */
function readSubBucket(reader: Reader, bytes: Buffer): Bucket {
  const page = Number(bytes.readBigUInt64LE(0));
  if (page !== 0) return readBucketPage(reader, page);
  const bucket: Bucket = new Map();
  addElements(reader, bytes.subarray(BUCKET_HEADER), bucket);
  return bucket;
}

function corrupt(path: string, why: string): ToolError {
  return new ToolError("corrupt", `address database ${path}: ${why}`, { hint: "stop all containers and remove the file" });
}
