/**
 * The numbers of a bbolt database file, as far as the original's address database uses them.
 * https://github.com/etcd-io/bbolt/blob/main/internal/common/page.go (layout), bucket.go and meta.go.
 */
export const MAGIC = 0xed0cdaed;
export const VERSION = 2;
export const PAGE_HEADER = 16;
export const ELEMENT = 16;
export const BUCKET_HEADER = 16;
export const META_SIZE = 64;
export const FLAG_BRANCH = 0x01;
export const FLAG_LEAF = 0x02;
export const FLAG_META = 0x04;
/** In a leaf element: the value is a bucket. */
export const ELEMENT_BUCKET = 0x01;
/** Instead of a page number: the free pages are found by walking the tree. */
export const NO_FREELIST = 0xffffffffffffffffn;

/** Keys are bytes, kept as Latin-1 text so that they can be map keys and sort as bytes do. */
export type Bucket = Map<string, Uint8Array | Bucket>;

export interface Meta {
  readonly pageSize: number;
  readonly root: number;
  /** First page number never used: the file ends there. */
  readonly highWater: number;
  readonly transaction: bigint;
}

/** FNV-1a, 64 bits: what guards a meta page. */
export function checksum(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash;
}
