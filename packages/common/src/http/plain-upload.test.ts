import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { httpRequest } from "./fetch.ts";

let server: Server | undefined;

/** A server that hands every connection to `handle`; its URL. */
async function serve(handle: (socket: Socket) => void): Promise<string> {
  const listening = createServer((socket) => {
    socket.on("error", () => undefined);
    handle(socket);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", () => resolve()));
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/upload?x=1`;
}

/** Collects what comes until `enough` says so, then answers. */
function collect(socket: Socket, enough: (seen: Buffer) => boolean, answer: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const seen = Buffer.concat(chunks);
      if (!enough(seen)) return;
      socket.end(answer);
      resolve(seen);
    });
  });
}

afterEach(() => {
  server?.close();
});

const created = "HTTP/1.1 201 Created\r\nlocation: /there\r\ncontent-length: 2\r\n\r\nok";
const large = { method: "PUT", largeUpload: true, proxy: "" } as const;

/** Pieces that share one memory, as a borrowing source gives them. */
async function* borrowed(...texts: string[]): AsyncGenerator<Uint8Array> {
  const memory = Buffer.alloc(100);
  for (const text of texts) yield memory.subarray(0, memory.write(text));
}

describe("large uploads over plain http", () => {
  it("sends a body of known length as it is, and hands out the answer", async () => {
    let received: Promise<Buffer> | undefined;
    const url = await serve((socket) => {
      received = collect(socket, (seen) => seen.toString().endsWith("onetwothree"), created);
    });
    const headers = { "content-length": "11", authorization: "Bearer x" };
    const response = await httpRequest(url, { ...large, headers, body: borrowed("one", "two", "three") });
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe("/there");
    expect(await response.text(10)).toBe("ok");
    const request = (await received)?.toString() ?? "";
    expect(request).toMatch(/^PUT \/upload\?x=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nConnection: close\r\n/);
    expect(request).toMatch(/\r\nauthorization: Bearer x\r\n/);
    expect(request).not.toMatch(/transfer-encoding/);
  });

  it("sends a body of unknown length in chunks, past an interim answer", async () => {
    let received: Promise<Buffer> | undefined;
    const answer = "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n3\r\nyes\r\n2\r\n!!\r\n0\r\n\r\n";
    const url = await serve((socket) => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      received = collect(socket, (seen) => seen.toString().endsWith("0\r\n\r\n"), answer);
    });
    const response = await httpRequest(url, { ...large, method: "PATCH", body: borrowed("one", "", "twenty-characters-tw") });
    expect(response.status).toBe(202);
    expect(await response.text(10)).toBe("yes!!");
    expect((await received)?.toString()).toMatch(
      /\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n14\r\ntwenty-characters-tw\r\n0\r\n\r\n$/,
    );
  });

  it("waits for a server that takes its time, and loses nothing", async () => {
    const size = 24 << 20;
    const seen = new Bun.CryptoHasher("sha256");
    const url = await serve((socket) => {
      let head = true;
      let left = size;
      socket.on("data", (chunk: Buffer) => {
        const body = head ? chunk.subarray(chunk.indexOf("\r\n\r\n") + 4) : chunk;
        head = false;
        seen.update(body);
        left -= body.length;
        socket.pause();
        setTimeout(() => socket.resume(), 1);
        if (left === 0) socket.end(created);
      });
    });
    const sent = new Bun.CryptoHasher("sha256");
    async function* body(): AsyncGenerator<Uint8Array> {
      const memory = new Uint8Array(1 << 20);
      for (let at = 0; at < size; at += memory.length) {
        memory.fill(at >> 20);
        sent.update(memory);
        yield memory;
      }
    }
    const response = await httpRequest(url, { ...large, headers: { "content-length": String(size) }, body: body() });
    expect(response.status).toBe(201);
    expect(seen.digest("hex")).toBe(sent.digest("hex"));
  });

  it("stops sending when the server answers before the end", async () => {
    const url = await serve((socket) => socket.once("data", () => socket.end("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nno!")));
    let ended = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield new Uint8Array(1 << 16);
          await Bun.sleep(1);
        }
      } finally {
        ended = true;
      }
    }
    const response = await httpRequest(url, { ...large, body: endless() });
    expect(response.status).toBe(413);
    expect(await response.text(10)).toBe("no!");
    expect(ended).toBe(true);
  });

  it("tells of a connection that is cut, of a body that fails, and stops with the signal", async () => {
    const cut = await serve((socket) => socket.once("data", () => socket.destroy()));
    await expect(httpRequest(cut, { ...large, body: borrowed("one", "two") })).rejects.toMatchObject({ code: "connection-reset" });
    server?.close();
    const silent = await serve((socket) => void socket.resume());
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(3);
      throw new Error("the source broke");
    }
    await expect(httpRequest(silent, { ...large, body: failing() })).rejects.toThrow("the source broke");
    const late = httpRequest(silent, { ...large, body: borrowed("one"), signal: AbortSignal.timeout(30) });
    await expect(late).rejects.toMatchObject({ kind: "cancelled" });
    await expect(httpRequest(silent, { ...large, body: borrowed("one"), timeoutMs: 30 })).rejects.toMatchObject({ code: "timeout" });
    const short = httpRequest(silent, { ...large, headers: { "content-length": "5" }, body: borrowed("one") });
    await expect(short).rejects.toThrow("2 bytes shorter");
  });

  it("leaves to fetch what does not answer, with pieces in memory of their own", async () => {
    await expect(httpRequest("http://127.0.0.1:1/", { ...large, body: borrowed("one") })).rejects.toMatchObject({
      code: "connection-refused",
    });
    let received: Promise<Buffer> | undefined;
    const proxy = await serve((socket) => {
      received = collect(socket, (seen) => seen.toString().endsWith("0\r\n\r\n"), created);
    });
    const response = await httpRequest("http://elsewhere.invalid/", {
      ...large,
      proxy: new URL(proxy).origin,
      body: borrowed("one", "two"),
    });
    expect(response.status).toBe(201);
    expect((await received)?.toString()).toMatch(/\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
  });
});
