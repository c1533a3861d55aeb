import { sha256 } from "@containers/common/digest/digest";
import { afterEach, describe, expect, it } from "vitest";
import { parseName } from "../reference/reference.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import { getBlobRanges } from "./blob-ranges.ts";
import { openRepository } from "./client.ts";
import { multipartRanges } from "./multipart-ranges.ts";

const BLOB = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
const RANGES = [
  { offset: 0, length: 10 },
  { offset: 100, length: 1 },
  { offset: 4990, length: 10 },
];
const EXPECTED = Buffer.concat(RANGES.map(({ offset, length }) => BLOB.subarray(offset, offset + length)));

describe("getBlobRanges", () => {
  let server: RegistryServer | undefined;
  afterEach(async () => server?.close());

  async function fetchRanges(misbehave: RegistryServer["misbehave"], ranges = RANGES): Promise<Buffer> {
    server = await startRegistryServer();
    Object.assign(server.misbehave, misbehave);
    const digest = sha256(BLOB);
    server.blobs.set(`a/b@${digest}`, BLOB);
    const client = await openRepository(parseName(`${server.host}/a/b`), { insecure: true, credentials: null });
    const parts: Uint8Array[] = [];
    for await (const part of getBlobRanges(client, digest, ranges)) parts.push(part);
    return Buffer.concat(parts);
  }

  const blobRequests = (): number => (server?.requests ?? []).filter(({ url }) => url.includes("/blobs/")).length;

  it("gets several parts with one request", async () => {
    expect(await fetchRanges({})).toEqual(EXPECTED);
    expect(blobRequests()).toBe(1);
  });

  it("asks for one after the other where the registry gives only one at a time", async () => {
    expect(await fetchRanges({ singleRange: true })).toEqual(EXPECTED);
    expect(blobRequests()).toBe(3);
  });

  it("splits what is too much for one request", async () => {
    const ranges = Array.from({ length: 250 }, (_, index) => ({ offset: index * 20, length: 3 }));
    const expected = Buffer.concat(ranges.map(({ offset, length }) => BLOB.subarray(offset, offset + length)));
    expect(await fetchRanges({}, ranges)).toEqual(expected);
    expect(blobRequests()).toBe(3);
  });

  it("says so where the registry gives no parts", async () => {
    await expect(fetchRanges({ noRange: true })).rejects.toMatchObject({ code: "no-ranges" });
  });
});

describe("multipartRanges", () => {
  const answer = (...parts: readonly string[]): AsyncIterable<Uint8Array> =>
    (async function* () {
      // Byte by byte: heads and contents may be cut anywhere.
      for (const byte of Buffer.from(parts.join(""))) yield Buffer.from([byte]);
    })();
  const part = (range: string, content: string): string => `\r\n--X\r\ncontent-range: bytes ${range}/9\r\n\r\n${content}`;
  const read = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
    let text = "";
    for await (const bytes of multipartRanges(stream, "X", [
      { offset: 0, length: 2 },
      { offset: 4, length: 3 },
    ]))
      text += Buffer.from(bytes).toString();
    return text;
  };

  it("reads the parts in their order", async () => {
    expect(await read(answer(part("0-1", "ab"), part("4-6", "efg"), "\r\n--X--\r\n"))).toBe("abefg");
  });

  it.each([
    ["other parts", [part("0-1", "ab"), part("3-5", "efg")]],
    ["another order", [part("4-6", "efg"), part("0-1", "ab")]],
    ["another boundary", [part("0-1", "ab").replace("--X", "--Y")]],
    ["a part without a range", ["\r\n--X\r\ncontent-type: a/b\r\n\r\nab"]],
    ["a head without end", ["x".repeat(9000)]],
  ])("refuses %s", async (_name, parts) => {
    await expect(read(answer(...parts))).rejects.toMatchObject({ code: "no-ranges" });
  });

  it("says when the connection ends too early", async () => {
    await expect(read(answer(part("0-1", "a")))).rejects.toMatchObject({ code: "connection-reset" });
  });
});
