import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { GZIP_BLOCK } from "./gzip-block.ts";
import { gzipStream } from "./gzip-stream.ts";

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function packed(bytes: Buffer, chunk: number): Promise<Buffer> {
  const members: Uint8Array[] = [];
  for await (const member of gzipStream(inChunks(bytes, chunk), 1)) members.push(member);
  return Buffer.concat(members);
}

describe("gzipStream", () => {
  it.each([0, 1, GZIP_BLOCK - 1, GZIP_BLOCK, GZIP_BLOCK + 1, 9 * GZIP_BLOCK + 77])("gives %i bytes back as they were", async (size) => {
    const plain = Buffer.concat([randomBytes(size >> 1), Buffer.alloc(size - (size >> 1), "text ")]);
    const result = await packed(plain, 70_000);
    expect(gunzipSync(result).equals(plain)).toBe(true);
  });

  it("gives the same bytes however the stream was cut", async () => {
    const plain = Buffer.concat([randomBytes(3_000_000), Buffer.alloc(3_000_000)]);
    const [small, large] = await Promise.all([packed(plain, 4093), packed(plain, 1 << 22)]);
    expect(small.equals(large)).toBe(true);
  });

  it("gives the same bytes out of memory that is used again", async () => {
    const plain = Buffer.concat([randomBytes(5 * GZIP_BLOCK), Buffer.alloc(6 * GZIP_BLOCK, "text "), randomBytes(GZIP_BLOCK)]);
    const members: Buffer[] = [];
    for await (const member of gzipStream(inChunks(plain, 300_000), 1, { borrowed: true })) members.push(Buffer.from(member));
    expect(gunzipSync(Buffer.concat(members)).equals(plain)).toBe(true);
    expect(members.length).toBe(12);
  });

  it("fails as its source fails, and leaves no thread behind", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(3 * GZIP_BLOCK);
      throw new Error("the disk is gone");
    }
    await expect(async () => {
      for await (const _ of gzipStream(broken(), 1));
    }).rejects.toThrow("the disk is gone");
  });
});
