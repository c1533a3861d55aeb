import { MSG_DONTWAIT } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";

/** Memory that is read into: what is worth one round through all who look at it, and stays in the processor's cache meanwhile. */
const BUFFER = 1 << 20;
/** Looks at a socket without data, a millisecond apart, before the event loop is to wait for it. */
const LOOKS = 4;
/** After this long everybody else has their turn. */
const TURN_MS = 4;

/** Reads a socket that the event loop leaves alone, always into the same memory. */
export class SocketReader {
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER);
  #turn = performance.now();

  /** `fd` stays its owner's: it may be closed at any time. */
  constructor(fd: number) {
    this.#fd = linuxSys().dup(fd);
  }

  /** What has arrived, at most `limit` bytes, valid until the next call; empty at the end or on an error, undefined when nothing comes for a while. */
  async read(limit: number): Promise<Uint8Array | undefined> {
    if (performance.now() - this.#turn > TURN_MS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#turn = performance.now();
    }
    for (let look = 0; ; look++) {
      const length = this.#receive(Math.min(limit, BUFFER));
      if (length >= 0) return this.#buffer.subarray(0, length);
      if (look === LOOKS) return undefined;
      await Bun.sleep(1);
      this.#turn = performance.now();
    }
  }

  close(): void {
    linuxSys().close(this.#fd);
  }

  /** Bytes received; 0 at the end or on an error, -1 when there is nothing now. */
  #receive(most: number): number {
    try {
      return linuxSys().recv(this.#fd, this.#buffer, 0, most, MSG_DONTWAIT);
    } catch {
      return 0;
    }
  }
}
