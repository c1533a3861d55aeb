/** Bytes in memory above which a connection is not read any further. */
const HIGH_WATER = 256 * 1024;
const LOW_WATER = 64 * 1024;

/** What came in on a connection and was not taken yet. One reader at a time. */
export interface InputQueue {
  /** The next bytes, or undefined when the other end has finished or gone. */
  read(): Promise<Buffer | undefined>;
  /** Gives back bytes that were read too far. */
  unread(bytes: Buffer): void;
}

/** The writing end of the queue, for the socket's callbacks. */
export interface InputFeed extends InputQueue {
  push(bytes: Uint8Array): void;
  end(): void;
}

export interface FlowControl {
  pause(): void;
  resume(): void;
}

/** A queue that stops its source while too much waits in it. */
export function inputQueue(flow: FlowControl): InputFeed {
  const waiting: Buffer[] = [];
  let size = 0;
  let ended = false;
  let paused = false;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    push(bytes) {
      // The runtime may use its buffer again.
      waiting.push(Buffer.from(bytes));
      size += bytes.length;
      if (size > HIGH_WATER && !paused) {
        paused = true;
        flow.pause();
      }
      notify();
    },
    end() {
      ended = true;
      notify();
    },
    unread(bytes) {
      if (bytes.length === 0) return;
      waiting.unshift(bytes);
      size += bytes.length;
    },
    async read() {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const next = waiting.shift();
      size -= next?.length ?? 0;
      if (paused && size < LOW_WATER) {
        paused = false;
        flow.resume();
      }
      return next;
    },
  };
}
