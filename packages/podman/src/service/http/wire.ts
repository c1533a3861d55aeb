import { type InputFeed, type InputQueue, inputQueue } from "./input-queue.ts";

/** Thrown by a write to a client that has gone. */
export class ClientGone extends Error {
  constructor() {
    super("the client has closed the connection");
  }
}

/** A connection's bytes, both ways. */
export interface Wire {
  readonly input: InputQueue;
  /** Resolves when the kernel has taken all; writes keep their order. Throws {@link ClientGone}. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** No more output; input may go on. */
  endOutput(): void;
  close(): void;
  /** Resolves when both directions are closed. */
  readonly closed: Promise<void>;
  readonly isClosed: boolean;
  /** Calls back when the client has finished sending, or is gone; at once when that has happened. A later call takes the place of an earlier one. */
  onInputEnd(callback: () => void): void;
}

/** What the runtime's socket can do, as far as it is used here. */
export interface RawSocket {
  write(data: Uint8Array): number;
  end(): void;
  shutdown(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** Of a write that the kernel took at once. */
const TAKEN = Promise.resolve();

/** A wire and the callbacks of the socket that feed it. */
export interface FedWire extends Wire {
  readonly feed: InputFeed;
  drained(): void;
  gone(): void;
  inputEnded(): void;
}

export function fedWire(socket: RawSocket): FedWire {
  const feed = inputQueue({ pause: () => socket.pause(), resume: () => socket.resume() });
  const closing = Promise.withResolvers<void>();
  let atInputEnd: (() => void) | undefined;
  let inputIsOver = false;
  let room = Promise.withResolvers<void>();
  let isClosed = false;
  /** Writes that wait for room or for those before them. */
  let queued = 0;
  let last: Promise<void> = Promise.resolve();
  const writeNow = async (bytes: Uint8Array): Promise<void> => {
    for (let left = bytes; ; ) {
      if (isClosed) throw new ClientGone();
      const taken = Math.max(socket.write(left), 0);
      left = left.subarray(taken);
      if (left.length === 0) return;
      await room.promise;
    }
  };
  const endInput = (): void => {
    feed.end();
    inputIsOver = true;
    atInputEnd?.();
  };
  return {
    input: feed,
    feed,
    closed: closing.promise,
    get isClosed() {
      return isClosed;
    },
    write(data) {
      let bytes = typeof data === "string" ? Buffer.from(data) : data;
      if (queued === 0 && !isClosed) {
        bytes = bytes.subarray(Math.max(socket.write(bytes), 0));
        if (bytes.length === 0) return TAKEN;
      }
      queued += 1;
      const written = last
        .then(() => writeNow(bytes))
        .finally(() => {
          queued -= 1;
        });
      last = written.catch(() => undefined);
      return written;
    },
    endOutput: () => void (isClosed || socket.shutdown()),
    close: () => void (isClosed || socket.end()),
    onInputEnd(callback) {
      atInputEnd = callback;
      if (inputIsOver) callback();
    },
    drained() {
      room.resolve();
      room = Promise.withResolvers<void>();
    },
    inputEnded: endInput,
    gone() {
      isClosed = true;
      endInput();
      room.resolve();
      closing.resolve();
    },
  };
}
