import { availableParallelism } from "node:os";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { GZIP_BLOCK, gzipBlock } from "./gzip-block.ts";
import type { BlockToCompress, PackedBlock } from "./gzip-worker.ts";

/** Workers beyond these bring nothing: one thread reads and hashes about as fast as three compress. */
const MOST_WORKERS = 3;
/** Blocks under way for each worker: one in work, one waiting. */
const BLOCKS_PER_WORKER = 2;

/**
 * The stream as a row of gzip members, one for each block: every reader takes that (RFC 1952, 2.2), and it lets libdeflate
 * do the work, in threads of their own. Blocks are cut by position, so that the same layer always gives the same digest.
 * A stream of a block or less is compressed at once, without a thread. `borrowed`: each piece is used before the next is asked for, so that its
 * memory may be used again.
 */
export async function* gzipStream(
  stream: ByteStream,
  level: number,
  { borrowed }: { readonly borrowed?: boolean | undefined } = {},
): AsyncGenerator<Uint8Array> {
  const spare: SpareMemory = { blocks: [], members: [] };
  const blocks = cutBlocks(stream, spare.blocks);
  const first = await blocks.next();
  if (first.done === true) return yield gzipBlock(new Uint8Array(0), level);
  const second = await blocks.next();
  if (second.done === true) return yield gzipBlock(first.value, level);
  const workers = new GzipWorkers(Math.min(Math.max(availableParallelism() - 1, 1), MOST_WORKERS), spare);
  try {
    const pending: Array<Promise<Uint8Array<ArrayBuffer>>> = [workers.compress(first.value, level), workers.compress(second.value, level)];
    for await (const block of blocks) {
      if (pending.length >= workers.count * BLOCKS_PER_WORKER) {
        const next = await pending.shift();
        if (next !== undefined) yield next;
        if (next !== undefined && borrowed === true) spare.members.push(next.buffer);
      }
      pending.push(workers.compress(block, level));
    }
    for (const packed of pending) yield await packed;
  } finally {
    workers.end();
    for (const memory of [...spare.blocks.map(({ buffer }) => buffer), ...spare.members]) memory.transfer(0);
  }
}

/** Memory that is done with: the kernel would have to clear new memory, and the runtime to collect it. */
interface SpareMemory {
  readonly blocks: Uint8Array<ArrayBuffer>[];
  readonly members: ArrayBuffer[];
}

/**
 * The stream in blocks of {@link GZIP_BLOCK} bytes, the last one shorter; each in memory of its own that may be given away, out of `spare` where there
 * is some.
 */
async function* cutBlocks(stream: ByteStream, spare: Uint8Array<ArrayBuffer>[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const newBlock = (): Uint8Array<ArrayBuffer> => spare.pop() ?? new Uint8Array(GZIP_BLOCK);
  let block = newBlock();
  let held = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + GZIP_BLOCK - held);
      block.set(part, held);
      held += part.length;
      at += part.length;
      if (held < GZIP_BLOCK) continue;
      yield block;
      block = newBlock();
      held = 0;
    }
  }
  if (held > 0) yield block.subarray(0, held);
}

interface Answer {
  readonly resolve: (packed: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: ToolError) => void;
}

/** Threads that compress; each answers in the order of its questions. */
class GzipWorkers {
  readonly count: number;
  readonly #spare: SpareMemory;
  readonly #workers: Array<{ readonly thread: Worker; readonly waiting: Answer[] }> = [];
  #next = 0;

  /** Blocks that are done with go to `spare`; memory for members comes from there. */
  constructor(count: number, spare: SpareMemory) {
    this.count = count;
    this.#spare = spare;
  }

  /** Takes the block's memory away. */
  compress(block: Uint8Array<ArrayBuffer>, level: number): Promise<Uint8Array<ArrayBuffer>> {
    const worker = this.#workers[this.#next % this.count] ?? this.#start();
    this.#next += 1;
    const answer = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => worker.waiting.push({ resolve, reject }));
    // A failure is told to whoever awaits the block, in its turn.
    answer.catch(() => undefined);
    const room = this.#spare.members.pop();
    const message: BlockToCompress = { plain: block.buffer, size: block.length, level, room };
    worker.thread.postMessage(message, room === undefined ? [block.buffer] : [block.buffer, room]);
    return answer;
  }

  end(): void {
    for (const { thread } of this.#workers) thread.terminate();
  }

  #start(): { readonly thread: Worker; readonly waiting: Answer[] } {
    // In the compiled executable the only file is the executable: its entry starts what a worker is for.
    const compiled = Bun.main.startsWith("/$bunfs/");
    const thread = new Worker(compiled ? Bun.main : new URL("./gzip-worker-main.ts", import.meta.url).href);
    const waiting: Answer[] = [];
    thread.onmessage = ({ data }: MessageEvent<PackedBlock>) => {
      this.#spare.blocks.push(new Uint8Array(data.plain));
      waiting.shift()?.resolve(new Uint8Array(data.packed, 0, data.packedSize));
    };
    thread.onerror = ({ message }) => {
      for (const { reject } of waiting.splice(0)) reject(new ToolError("unavailable", `compressing in a thread: ${message}`));
    };
    const worker = { thread, waiting };
    this.#workers.push(worker);
    return worker;
  }
}
