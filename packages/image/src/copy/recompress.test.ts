import { readAll } from "@containers/common/digest/byte-stream";
import { describe, expect, it } from "vitest";
import { OCI_LAYER } from "../manifest/media-types.ts";
import { decompressAny } from "./compression.ts";
import { recompressLayer } from "./recompress.ts";

const text = Buffer.concat(Array.from({ length: 4000 }, (_, index) => Buffer.from(`line ${index} of a layer, not all the same\n`)));

/** The text in pieces that share one memory, the first ones very short. */
async function* borrowed(): AsyncGenerator<Uint8Array> {
  const memory = Buffer.alloc(10_000);
  for (let at = 0, size = 1; at < text.length; at += size, size = Math.min(size + 1 + (at >> 2), memory.length)) {
    const length = text.copy(memory, 0, at, at + size);
    yield memory.subarray(0, length);
    memory.fill(0);
  }
}

describe("recompressLayer", () => {
  it.each(["gzip", "zstd"] as const)("copies borrowed pieces where %s would keep them", async (format) => {
    const packed = await recompressLayer(borrowed(), OCI_LAYER, { form: "compress", choice: { format }, borrowed: true });
    expect(packed).toMatchObject({ changed: true, fromPlain: true });
    const plain = await decompressAny(packed.stream);
    expect(plain.compression).toBe(format);
    expect(Buffer.from(await readAll(plain.stream, 1 << 20)).equals(text)).toBe(true);
  });

  it("decompresses borrowed pieces", async () => {
    const member = Bun.gzipSync(text);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      const memory = new Uint8Array(3);
      for (let at = 0; at < member.length; at += 3) {
        const piece = member.subarray(at, at + 3);
        memory.set(piece);
        yield memory.subarray(0, piece.length);
        memory.fill(0);
      }
    }
    const packed = await recompressLayer(pieces(), `${OCI_LAYER}+gzip`, { form: "decompress", choice: {}, borrowed: true });
    expect(Buffer.from(await readAll(packed.stream, 1 << 20)).equals(text)).toBe(true);
  });
});
