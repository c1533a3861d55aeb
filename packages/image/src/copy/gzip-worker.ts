import { gzipBlock } from "./gzip-block.ts";

/** A block on its way to a worker, and the member on its way back: the memory itself moves, nothing is copied. */
export interface BlockToCompress {
  readonly plain: ArrayBuffer;
  readonly size: number;
  readonly level: number;
}

/** The block's member, and the block's memory for another. */
export interface PackedBlock {
  readonly packed: ArrayBuffer;
  readonly plain: ArrayBuffer;
}

/** The runtime lets garbage grow with the machine's memory; collecting after so many blocks costs a hundredth of the time. */
const COLLECT_EVERY_BLOCKS = 16;

/** The whole life of a worker thread: compresses the blocks that it is sent, in their order, and sends each back. */
export function serveGzipBlocks(): void {
  const scope = globalThis as unknown as Worker;
  let blocks = 0;
  scope.onmessage = ({ data }: MessageEvent<BlockToCompress>): void => {
    const member = gzipBlock(new Uint8Array(data.plain, 0, data.size), data.level);
    const packed = member.slice().buffer;
    const answer: PackedBlock = { packed, plain: data.plain };
    scope.postMessage(answer, [packed, data.plain]);
    blocks += 1;
    if (blocks % COLLECT_EVERY_BLOCKS === 0) Bun.gc(true);
  };
}

// Run from its source file, outside the compiled executable, the module is the worker's whole program.
