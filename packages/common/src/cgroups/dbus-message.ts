/** The little of D-Bus's wire format that one method call needs (D-Bus specification, "Message Protocol"; little endian). */
export class DbusWriter {
  readonly #bytes: number[] = [];

  align(size: number): this {
    while (this.#bytes.length % size !== 0) this.#bytes.push(0);
    return this;
  }

  byte(value: number): this {
    this.#bytes.push(value & 0xff);
    return this;
  }

  uint32(value: number): this {
    this.align(4);
    for (const shift of [0, 8, 16, 24]) this.byte(value >>> shift);
    return this;
  }

  uint64(value: number): this {
    this.align(8);
    return this.uint32(value % 2 ** 32).uint32(Math.floor(value / 2 ** 32));
  }

  boolean(value: boolean): this {
    return this.uint32(value ? 1 : 0);
  }

  string(text: string): this {
    const bytes = Buffer.from(text);
    this.uint32(bytes.length);
    this.#bytes.push(...bytes, 0);
    return this;
  }

  signature(text: string): this {
    this.#bytes.push(text.length, ...Buffer.from(text), 0);
    return this;
  }

  /** An array whose elements are aligned to `alignment`; the length leaves the padding before the first one out. */
  array(alignment: number, fill: () => void): this {
    this.uint32(0);
    const lengthAt = this.#bytes.length - 4;
    this.align(alignment);
    const begin = this.#bytes.length;
    fill();
    const length = this.#bytes.length - begin;
    for (const [index, shift] of [0, 8, 16, 24].entries()) this.#bytes[lengthAt + index] = (length >>> shift) & 0xff;
    return this;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export interface MethodCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  readonly body: Uint8Array;
}

const METHOD_CALL = 1;
const PROTOCOL_VERSION = 1;

/** A method call, ready to be sent. */
export function methodCall(call: MethodCall, serial: number): Uint8Array {
  const header = new DbusWriter().byte(0x6c).byte(METHOD_CALL).byte(0).byte(PROTOCOL_VERSION).uint32(call.body.length).uint32(serial);
  const field = (code: number, type: "o" | "s" | "g", value: string): void => {
    header.align(8).byte(code).signature(type);
    if (type === "g") header.signature(value);
    else header.string(value);
  };
  header.array(8, () => {
    field(1, "o", call.path);
    field(2, "s", call.interface);
    field(3, "s", call.member);
    field(6, "s", call.destination);
    field(8, "g", call.signature);
  });
  return Buffer.concat([header.align(8).bytes(), call.body]);
}
