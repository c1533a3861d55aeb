/** Bytes of one slab; it holds the largest packet. */
const SLAB_SIZE = 128 * 1024;
/** In front of each packet: its length. */
const HEADER = 4;
/** Slabs that are kept for the next queue. */
const MOST_SPARE = 4;

interface Slab {
  readonly buffer: Buffer;
  /** Where the first packet that is still to be sent begins, and where the next one goes. */
  head: number;
  tail: number;
}

/** Slabs of all queues, used again and again: what slow clients leave behind would otherwise be a megabyte of garbage every few milliseconds. */
export class SlabPool {
  #spare: Slab[] = [];

  take(): Slab {
    return this.#spare.pop() ?? { buffer: Buffer.allocUnsafeSlow(SLAB_SIZE), head: 0, tail: 0 };
  }

  giveBack(slab: Slab): void {
    slab.head = 0;
    slab.tail = 0;
    if (this.#spare.length < MOST_SPARE) this.#spare.push(slab);
  }

  /** Lets go of what is not in use. */
  trim(): void {
    this.#spare = [];
  }
}

/** Packets that wait for a client, in their order, at any number of bytes. */
export class PacketQueue {
  readonly #pool: SlabPool;
  #slabs: Slab[] = [];
  #bytes = 0;

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /** Bytes that wait, with what it takes to keep packets apart. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Copies one packet to the end. */
  push(source: Buffer, at: number, length: number): void {
    let slab = this.#slabs.at(-1);
    if (slab === undefined || slab.tail + HEADER + length > SLAB_SIZE) {
      slab = this.#pool.take();
      this.#slabs.push(slab);
    }
    slab.buffer.writeUInt32LE(length, slab.tail);
    source.copy(slab.buffer, slab.tail + HEADER, at, at + length);
    slab.tail += HEADER + length;
    this.#bytes += HEADER + length;
  }

  /** Gives packets to `send` from the first on, until it answers false or there is none. Answers how many were taken. */
  drain(send: (buffer: Buffer, at: number, length: number) => boolean): number {
    let taken = 0;
    for (let slab = this.#slabs[0]; slab !== undefined; slab = this.#slabs[0]) {
      while (slab.head < slab.tail) {
        const length = slab.buffer.readUInt32LE(slab.head);
        if (!send(slab.buffer, slab.head + HEADER, length)) return taken;
        taken++;
        slab.head += HEADER + length;
        this.#bytes -= HEADER + length;
      }
      this.#slabs.shift();
      this.#pool.giveBack(slab);
    }
    return taken;
  }

  clear(): void {
    for (const slab of this.#slabs) this.#pool.giveBack(slab);
    this.#slabs = [];
    this.#bytes = 0;
  }
}
