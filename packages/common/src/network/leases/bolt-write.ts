import {
  BUCKET_HEADER,
  type Bucket,
  checksum,
  ELEMENT,
  ELEMENT_BUCKET,
  FLAG_LEAF,
  FLAG_META,
  MAGIC,
  META_SIZE,
  type Meta,
  NO_FREELIST,
  PAGE_HEADER,
  VERSION,
} from "./bolt-format.ts";

export const NEW_PAGE_SIZE = 4096;

/** Bytes to be put at an offset of the file. */
export interface FileWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * What has to be written to make `root` the content: first `pages`, then, once those are on disk, `meta`. Like bbolt
 * itself it touches no page of the present state, so that a kill in between leaves the old one. Every bucket
 * becomes one leaf page, however long: bbolt reads that, and splits it when it next writes.
 */
export function writeBolt(
  root: Bucket,
  before: { readonly meta: Meta; readonly usedPages: ReadonlySet<number> },
): { pages: FileWrite[]; meta: FileWrite } {
  const { pageSize } = before.meta;
  const plan: Plan = { pageSize, taken: new Set(before.usedPages), highWater: before.meta.highWater, pages: [] };
  const rootPage = placeBucket(plan, root);
  const meta: Meta = { pageSize, root: rootPage, highWater: plan.highWater, transaction: before.meta.transaction + 1n };
  return { pages: plan.pages, meta: metaWrite(meta) };
}

/** An empty database: two meta pages and an empty root. */
export function emptyBolt(): Buffer {
  const file = Buffer.alloc(8 * NEW_PAGE_SIZE);
  for (const transaction of [0n, 1n]) {
    const { offset, bytes } = metaWrite({ pageSize: NEW_PAGE_SIZE, root: 2, highWater: 3, transaction });
    file.set(bytes, offset);
  }
  file.set(leafPage([], 2, NEW_PAGE_SIZE), 2 * NEW_PAGE_SIZE);
  return file;
}

interface Plan {
  readonly pageSize: number;
  readonly taken: Set<number>;
  highWater: number;
  readonly pages: FileWrite[];
}

interface LeafElement {
  readonly flags: number;
  readonly key: Buffer;
  readonly value: Uint8Array;
}

function placeBucket(plan: Plan, bucket: Bucket): number {
  const keys = [...bucket.keys()].sort((a, b) => (a < b ? -1 : 1));
  const elements = keys.map((key): LeafElement => {
    const value = bucket.get(key);
    if (!(value instanceof Map)) return { flags: 0, key: Buffer.from(key, "latin1"), value: value ?? new Uint8Array() };
    const header = Buffer.alloc(BUCKET_HEADER);
    header.writeBigUInt64LE(BigInt(placeBucket(plan, value)), 0);
    return { flags: ELEMENT_BUCKET, key: Buffer.from(key, "latin1"), value: header };
  });
  const size = PAGE_HEADER + elements.reduce((sum, one) => sum + ELEMENT + one.key.length + one.value.length, 0);
  const page = takePages(plan, Math.ceil(size / plan.pageSize));
  plan.pages.push({ offset: page * plan.pageSize, bytes: leafPage(elements, page, plan.pageSize) });
  return page;
}

/** The first run of free pages that is long enough; the end of the file is always free. */
function takePages(plan: Plan, count: number): number {
  let start = 2;
  for (let at = start; at < start + count && at < plan.highWater; at++) {
    if (plan.taken.has(at)) start = at + 1;
  }
  for (let at = start; at < start + count; at++) plan.taken.add(at);
  plan.highWater = Math.max(plan.highWater, start + count);
  return start;
}

function leafPage(elements: readonly LeafElement[], page: number, pageSize: number): Buffer {
  const size = PAGE_HEADER + elements.reduce((sum, one) => sum + ELEMENT + one.key.length + one.value.length, 0);
  const count = Math.max(1, Math.ceil(size / pageSize));
  const bytes = Buffer.alloc(count * pageSize);
  bytes.writeBigUInt64LE(BigInt(page), 0);
  bytes.writeUInt16LE(FLAG_LEAF, 8);
  bytes.writeUInt16LE(elements.length, 10);
  bytes.writeUInt32LE(count - 1, 12);
  let data = PAGE_HEADER + elements.length * ELEMENT;
  for (const [index, { flags, key, value }] of elements.entries()) {
    const at = PAGE_HEADER + index * ELEMENT;
    bytes.writeUInt32LE(flags, at);
    bytes.writeUInt32LE(data - at, at + 4);
    bytes.writeUInt32LE(key.length, at + 8);
    bytes.writeUInt32LE(value.length, at + 12);
    bytes.set(key, data);
    bytes.set(value, data + key.length);
    data += key.length + value.length;
  }
  return bytes;
}

function metaWrite(meta: Meta): FileWrite {
  const slot = Number(meta.transaction % 2n);
  const bytes = Buffer.alloc(PAGE_HEADER + META_SIZE);
  bytes.writeBigUInt64LE(BigInt(slot), 0);
  bytes.writeUInt16LE(FLAG_META, 8);
  const body = bytes.subarray(PAGE_HEADER);
  body.writeUInt32LE(MAGIC, 0);
  body.writeUInt32LE(VERSION, 4);
  body.writeUInt32LE(meta.pageSize, 8);
  body.writeBigUInt64LE(BigInt(meta.root), 16);
  body.writeBigUInt64LE(NO_FREELIST, 32);
  body.writeBigUInt64LE(BigInt(meta.highWater), 40);
  body.writeBigUInt64LE(meta.transaction, 48);
  body.writeBigUInt64LE(checksum(body.subarray(0, 56)), 56);
  return { offset: slot * meta.pageSize, bytes };
}
