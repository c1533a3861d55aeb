import { GZIP_BLOCK, gzipBlock } from "./gzip-block.ts";

/** A block on its way to a worker: the memory itself moves, nothing is copied. */
export interface BlockToCompress {
  readonly plain: ArrayBuffer;
  readonly size: number;
  readonly level: number;
  /** Memory for the member, where there is some to be used again. */
  readonly room?: ArrayBuffer | undefined;
}

/** The block's member, and the block's memory for another. */
export interface PackedBlock {
  readonly packed: ArrayBuffer;
  readonly packedSize: number;
  readonly plain: ArrayBuffer;
}

/** Members are hardly ever longer than their blocks. */
const ROOM = GZIP_BLOCK + (GZIP_BLOCK >> 6);

/** The whole life of a worker thread: compresses the blocks that it is sent, in their order, and sends each back. */
export function serveGzipBlocks(): void {
  const scope = globalThis as unknown as Worker;
  scope.onmessage = ({ data }: MessageEvent<BlockToCompress>): void => {
    const member = gzipBlock(new Uint8Array(data.plain, 0, data.size), data.level);
    const room = data.room ?? new ArrayBuffer(ROOM);
    const packed = room.byteLength < member.length ? new ArrayBuffer(member.length) : room;
    new Uint8Array(packed).set(member);
    const packedSize = member.length;
    // Given back at once, the same memory serves for the next member; left to the collector it would grow with the machine's memory.
    member.buffer.transfer(0);
    const answer: PackedBlock = { packed, packedSize, plain: data.plain };
    scope.postMessage(answer, [packed, data.plain]);
  };
}

// Run from its source file, outside the compiled executable, the module is the worker's whole program.
