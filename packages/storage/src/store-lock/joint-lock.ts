import type { RecordLock } from "./token-lock.ts";

/** Two locks as one, always taken in this order: for records that stand in two stores' directories. */
export class JointLock implements RecordLock {
  readonly #first: RecordLock;
  readonly #second: RecordLock;

  constructor(first: RecordLock, second: RecordLock) {
    this.#first = first;
    this.#second = second;
  }

  get depth(): number {
    return this.#first.depth;
  }

  read<T>(action: () => T): T {
    return this.#first.read(() => this.#second.read(action));
  }

  write<T>(action: () => T): T {
    return this.#first.write(() => this.#second.write(action));
  }

  /** Empty, that is never the same as before, until both have a writer. */
  token(): string {
    const [first, second] = [this.#first.token(), this.#second.token()];
    return first === "" || second === "" ? "" : first + second;
  }

  recordWrite(): string {
    return this.#first.recordWrite() + this.#second.recordWrite();
  }
}
