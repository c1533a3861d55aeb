/** Reads values of D-Bus's wire format (little endian), in order; the counterpart of the writer. */
export class DbusReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  align(size: number): this {
    this.#at = Math.ceil(this.#at / size) * size;
    return this;
  }

  byte(): number {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1);
  }

  uint32(): number {
    this.align(4);
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  /** A string or an object path. */
  string(): string {
    return this.#text(this.uint32());
  }

  signature(): string {
    return this.#text(this.byte());
  }

  /** An array of elements that are aligned to `alignment`. */
  array<T>(alignment: number, element: () => T): T[] {
    const length = this.uint32();
    this.align(alignment);
    const end = this.#at + length;
    const elements: T[] = [];
    while (this.#at < end) elements.push(element());
    return elements;
  }

  #text(length: number): string {
    const text = this.#bytes.toString("utf8", this.#at, this.#at + length);
    this.#at += length + 1;
    return text;
  }
}
