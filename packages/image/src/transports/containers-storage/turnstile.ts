import { closeSync } from "node:fs";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { openUnnamedFile, readRange, writeFully } from "../blob-file.ts";

const POLL_MS = 100;
const WARM_UP_MS = 300;
/** Share of its time that the one at work must spend waiting for bytes before the others may take the line too. */
const STARVING = 0.5;
/** The runtime lets garbage grow with the machine's memory; collecting after so many bytes keeps 20 MB less, for a twentieth more of the time. */
const COLLECT_EVERY = 8 << 20;

/**
 * Lets one stream at a time be worked on, in the order of arrival. Unpacking takes a processor and some memory, so that several at
 * once gain nothing; but where the network is what is slow, downloads should run side by side: while the one at work mostly waits for
 * bytes, those behind it are read ahead into nameless files.
 */
export class Turnstile {
  readonly #directory: string;
  readonly #waiting: Array<() => void> = [];
  #busy = false;
  #began = 0;
  #waited = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Calls `work` with the stream's bytes when its turn has come. */
  async run<T>(stream: ByteStream, work: (stream: ByteStream) => Promise<T>): Promise<T> {
    const iterator = stream[Symbol.asyncIterator]();
    const turn = this.#enter();
    let ahead: { readonly fd: number; readonly size: number } | undefined;
    try {
      ahead = await this.#readAhead(turn, iterator);
    } catch (error) {
      turn.promise.then(() => this.#leave());
      throw error;
    }
    try {
      return await work(this.#timed(ahead, iterator));
    } finally {
      if (ahead !== undefined) closeSync(ahead.fd);
      await iterator.return?.();
      this.#leave();
    }
  }

  #enter(): { readonly promise: Promise<void>; come: boolean } {
    const turn = { come: !this.#busy, promise: Promise.resolve() };
    if (this.#busy) {
      turn.promise = new Promise<void>((resolve) =>
        this.#waiting.push(() => {
          turn.come = true;
          resolve();
        }),
      );
    }
    this.#busy = true;
    return turn;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy = false;
    else next();
  }

  #starving(): boolean {
    const elapsed = performance.now() - this.#began;
    return this.#began > 0 && elapsed > WARM_UP_MS && this.#waited / elapsed > STARVING;
  }

  async #readAhead(
    turn: { readonly promise: Promise<void>; come: boolean },
    iterator: AsyncIterator<Uint8Array>,
  ): Promise<{ readonly fd: number; readonly size: number } | undefined> {
    let fd: number | undefined;
    let size = 0;
    try {
      while (!turn.come) {
        if (!this.#starving()) {
          await soonerOf(turn.promise, POLL_MS);
          continue;
        }
        const { done, value } = await iterator.next();
        if (done === true) {
          await turn.promise;
          break;
        }
        fd ??= openUnnamedFile(this.#directory);
        writeFully(fd, value);
        size += value.length;
      }
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw error;
    }
    return fd === undefined ? undefined : { fd, size };
  }

  async *#timed(
    ahead: { readonly fd: number; readonly size: number } | undefined,
    iterator: AsyncIterator<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    this.#began = performance.now();
    this.#waited = 0;
    if (ahead !== undefined) yield* readRange(ahead.fd, 0, ahead.size);
    let uncollected = 0;
    for (;;) {
      const asked = performance.now();
      const { done, value } = await iterator.next();
      this.#waited += performance.now() - asked;
      if (done === true) return;
      uncollected += value.length;
      yield value;
      if (uncollected < COLLECT_EVERY) continue;
      Bun.gc(true);
      uncollected = 0;
    }
  }
}

/** Ends with the promise or after the time, leaving no timer behind. */
function soonerOf(promise: Promise<void>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
