import { describe, expect, it } from "vitest";
import { Crc64 } from "./crc64.ts";

function crc(text: string | Uint8Array): string {
  const sum = new Crc64();
  sum.update(typeof text === "string" ? Buffer.from(text) : text);
  return Buffer.from(sum.digest()).toString("hex");
}

/** Bit by bit, as the polynomial is defined. */
function slow(bytes: Uint8Array): string {
  let state = 0xffffffffffffffffn;
  for (const byte of bytes) {
    state ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) state = (state & 1n) === 1n ? (state >> 1n) ^ 0xd800000000000000n : state >> 1n;
  }
  return (state ^ 0xffffffffffffffffn).toString(16).padStart(16, "0");
}

describe("crc64", () => {
  it("gives the published check values", () => {
    expect(crc("")).toBe("0000000000000000");
    expect(crc("a")).toBe("3420000000000000");
    expect(crc("abcdefgh")).toBe(slow(Buffer.from("abcdefgh")));
  });

  it("agrees with the definition at every length and alignment", () => {
    const bytes = Uint8Array.from({ length: 67 }, (_, index) => (index * 37 + 11) & 0xff);
    for (let start = 0; start < 9; start++) {
      for (let end = start; end <= bytes.length; end += 3) expect(crc(bytes.subarray(start, end))).toBe(slow(bytes.subarray(start, end)));
    }
  });

  it("is the same however the bytes are cut", () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 91) & 0xff);
    const sum = new Crc64();
    for (const cut of [
      [0, 1],
      [1, 10],
      [10, 333],
      [333, 1000],
    ] as const)
      sum.update(bytes.subarray(...cut));
    expect(Buffer.from(sum.digest()).toString("hex")).toBe(slow(bytes));
  });
});
