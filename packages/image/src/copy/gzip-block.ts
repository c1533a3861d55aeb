/** Plain bytes in one gzip member. */
export const GZIP_BLOCK = 1 << 20;

/**
 * One block as a gzip member of its own. `level` as libdeflate counts: 1 to 12.
 * It runs in the workers too, so it stands alone: what this file imports, every worker loads.
 */
export function gzipBlock(block: Uint8Array<ArrayBuffer>, level: number): Uint8Array<ArrayBuffer> {
  const options = { library: "libdeflate", level: Math.min(Math.max(level, 1), 12) } as const;
  return Bun.gzipSync(block, options as Parameters<typeof Bun.gzipSync>[1]);
}
