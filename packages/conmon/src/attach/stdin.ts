import { POLLOUT } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { PollLoop, Watch } from "../poll-loop.ts";

interface Waiting {
  readonly data: Buffer;
  readonly onWritten: () => void;
}

/**
 * The container's standard input: a pipe, or the terminal's master. What does not fit at once waits here, and its sender is
 * held until it is written.
 */
export class ContainerStdin {
  readonly #sys: MonitorSys;
  readonly #loop: PollLoop;
  #descriptor: number | undefined;
  #watch: Watch | undefined;
  #waiting: Waiting[] = [];
  #state: "expected" | "open" | "closed";
  #ownsDescriptor = false;

  /** `expected` is false for a container that gets no input at all: then everything is dropped. */
  constructor(sys: MonitorSys, loop: PollLoop, expected: boolean) {
    this.#sys = sys;
    this.#loop = loop;
    this.#state = expected ? "expected" : "closed";
  }

  /** `owned` descriptors are closed with the input; the terminal's master is not, output still comes from it. */
  open(descriptor: number, owned: boolean): void {
    this.#sys.setNonBlocking(descriptor, true);
    this.#descriptor = descriptor;
    this.#ownsDescriptor = owned;
    this.#state = "open";
    this.#watch = this.#loop.add(descriptor, POLLOUT, () => this.#writeWaiting());
    if (this.#waiting.length === 0) this.#loop.pause(this.#watch);
  }

  /** True when all was taken; else the rest was copied, and `onWritten` is called once it is through. */
  write(data: Buffer, onWritten: () => void): boolean {
    if (this.#state === "closed") return true;
    const taken = this.#state === "open" && this.#waiting.length === 0 ? this.#tryWrite(data) : 0;
    if (taken === data.length) return true;
    this.#waiting.push({ data: Buffer.from(data.subarray(taken)), onWritten });
    if (this.#watch !== undefined) this.#loop.resume(this.#watch);
    return false;
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    if (this.#watch !== undefined) this.#loop.remove(this.#watch);
    if (this.#descriptor !== undefined && this.#ownsDescriptor) this.#sys.close(this.#descriptor);
    this.#descriptor = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) entry.onWritten();
  }

  #writeWaiting(): void {
    for (let entry = this.#waiting[0]; entry !== undefined && this.#state === "open"; entry = this.#waiting[0]) {
      const taken = this.#tryWrite(entry.data);
      if (this.#state !== "open") return;
      if (taken < entry.data.length) {
        this.#waiting[0] = { data: entry.data.subarray(taken), onWritten: entry.onWritten };
        return;
      }
      this.#waiting.shift();
      entry.onWritten();
    }
    if (this.#watch !== undefined && this.#state === "open") this.#loop.pause(this.#watch);
  }

  /** Bytes taken; a reader that has closed its end ends the input. */
  #tryWrite(data: Buffer): number {
    try {
      return this.#sys.write(this.#descriptor ?? -1, data, 0, data.length);
    } catch (error) {
      if (errnoCode(error) === "EAGAIN") return 0;
      this.close();
      return data.length;
    }
  }
}
