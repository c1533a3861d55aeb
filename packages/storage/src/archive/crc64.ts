/**
 * CRC-64/ISO as tar-split records it for every file payload (Go's `crc64.ISO`).
 *
 * The polynomial x^64 + x^4 + x^3 + x + 1 is so sparse that eight bytes at a time need no tables: multiplying the state
 * by x^64 is three shifts and a correction for the few bits that fall out. That runs at memory speed in plain numbers.
 */
export class Crc64 {
  #high = 0xffffffff | 0;
  #low = 0xffffffff | 0;

  reset(): void {
    this.#high = 0xffffffff | 0;
    this.#low = 0xffffffff | 0;
  }

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    let at = 0;
    const misaligned = (4 - (bytes.byteOffset & 3)) & 3;
    const head = Math.min(bytes.length, misaligned);
    for (; at < head; at++) {
      const folded = foldByte((low ^ (bytes[at] ?? 0)) & 0xff);
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) ^ folded;
    }
    const wordCount = ((bytes.length - at) >>> 3) << 1;
    const words = new Uint32Array(bytes.buffer, wordCount === 0 ? 0 : bytes.byteOffset + at, wordCount);
    for (let index = 0; index < wordCount; index += 2) {
      low ^= words[index] as number;
      high ^= words[index + 1] as number;
      const folded = OVERFLOW[low & 15] as number;
      const nextLow = low ^ ((low >>> 1) | (high << 31)) ^ ((low >>> 3) | (high << 29)) ^ ((low >>> 4) | (high << 28));
      high = high ^ (high >>> 1) ^ (high >>> 3) ^ (high >>> 4) ^ folded;
      low = nextLow;
    }
    for (at += wordCount << 2; at < bytes.length; at++) {
      const folded = foldByte((low ^ (bytes[at] ?? 0)) & 0xff);
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) ^ folded;
    }
    this.#high = high;
    this.#low = low;
  }

  /** Eight bytes, most significant first. */
  digest(): Uint8Array {
    const result = new Uint8Array(8);
    const view = new DataView(result.buffer);
    view.setUint32(0, ~this.#high >>> 0);
    view.setUint32(4, ~this.#low >>> 0);
    return result;
  }
}

/** What the low four bits of the state, shifted out by the multiplication with x^64, add to the high word. */
const OVERFLOW = Int32Array.from({ length: 16 }, (_, bits) => {
  const b0 = bits & 1;
  const b1 = (bits >> 1) & 1;
  const b2 = (bits >> 2) & 1;
  const b3 = (bits >> 3) & 1;
  return reduce(b0 ^ b2 ^ b3, 0) ^ reduce(b1 ^ b2, 1) ^ reduce(b0 ^ b1, 2) ^ reduce(b0, 3);
});

/** x^(64 + power) modulo the polynomial, as bits of the high word; the reflected form has x^0 in its top bit. */
function reduce(coefficient: number, power: number): number {
  return coefficient === 0 ? 0 : (0xd8000000 | 0) >>> power;
}

function foldByte(byte: number): number {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry === 1) high ^= 0xd8000000;
  }
  return high;
}
