import { describe, expect, it } from "vitest";
import { drain, inChunksOf, readAll, streamOf } from "./byte-stream.ts";
import { digestHex, isDigest, parseDigest, sha256, verifyBytes } from "./digest.ts";
import { hashingStream, verifyingStream } from "./verifying-stream.ts";

const hello = new TextEncoder().encode("hello");
const helloDigest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

async function* pieces(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part);
}

describe("digest", () => {
  it("hashes and takes apart", () => {
    expect(sha256(hello)).toBe(helloDigest);
    expect(digestHex(helloDigest)).toBe(helloDigest.slice(7));
  });

  it.each([
    ["", "invalid checksum digest format"],
    ["sha256:", "invalid checksum digest format"],
    ["md5:00", "unsupported digest algorithm"],
    ["sha256:00", "invalid checksum digest length"],
    [helloDigest.toUpperCase().replace("SHA256", "sha256"), "invalid checksum digest format"],
    ["sha256:../../../../../../../../../../../../../../../../../../../../etc/pa", "invalid checksum digest"],
  ])("refuses %j", (text, problem) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(problem);
  });

  it("verifies bytes", () => {
    expect(() => verifyBytes(hello, helloDigest, "x")).not.toThrow();
    expect(() => verifyBytes(new Uint8Array(1), helloDigest, "config")).toThrow(/config: digest did not match, expected sha256:2cf2/);
  });
});

describe("verifyingStream", () => {
  it("passes what is right", async () => {
    const out = await readAll(verifyingStream(pieces("he", "llo"), { digest: helloDigest, size: 5 }), 10);
    expect(Buffer.from(out).toString()).toBe("hello");
  });

  it("refuses a wrong digest, a short and a long stream", async () => {
    await expect(drain(verifyingStream(pieces("hellO"), { digest: helloDigest }))).rejects.toMatchObject({ kind: "corrupt" });
    await expect(drain(verifyingStream(pieces("hell"), { size: 5 }))).rejects.toThrow("expected 5 bytes, got 4");
    await expect(drain(verifyingStream(pieces("hello", "o"), { size: 5 }))).rejects.toThrow("got more than 5");
  });
});

describe("byte streams", () => {
  it("hashes in passing", async () => {
    const hashed = hashingStream(streamOf(hello));
    expect(() => hashed.digest()).toThrow("before the stream had ended");
    await drain(hashed.stream);
    expect(hashed.digest()).toBe(helloDigest);
    expect(hashed.size()).toBe(5);
  });

  it("bounds what it holds and joins small chunks", async () => {
    await expect(readAll(pieces("abc", "def"), 5, "manifest")).rejects.toThrow("manifest exceeds the limit of 5 bytes");
    const sizes: number[] = [];
    for await (const chunk of inChunksOf(pieces("aa", "bb", "cc", "d"), 4)) sizes.push(chunk.length);
    expect(sizes).toEqual([4, 3]);
  });
});
