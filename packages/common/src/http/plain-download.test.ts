import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { httpRequest } from "./fetch.ts";

let server: Server | undefined;
const requests: string[] = [];

/** A server that answers every request with what `answer` writes; the URL of something on it. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<string> {
  requests.length = 0;
  const listening = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (head) => {
      requests.push(head.toString());
      answer(socket, head.toString());
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", () => resolve()));
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v2/blob?x=1`;
}

afterEach(() => {
  server?.close();
});

const isDirect = (request: string | undefined): boolean => request?.includes("Connection: close") === true;
const large = { largeDownload: true, proxy: "" } as const;

describe("large downloads over plain http", () => {
  it("sends the headers and hands out exactly the body, however it is cut", async () => {
    const url = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Le");
      setTimeout(() => socket.write("ngth: 10\r\nX-Two: a\r\n\r"), 10);
      setTimeout(() => socket.write("\nhello"), 20);
      setTimeout(() => socket.end("worldAND MORE"), 30);
    });
    const response = await httpRequest(url, { ...large, headers: { range: "bytes=0-" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-two")).toBe("a");
    expect(await response.text(100)).toBe("helloworld");
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatch(/^GET \/v2\/blob\?x=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nConnection: close\r\n/);
    expect(requests[0]).toMatch(/\r\nrange: bytes=0-\r\n/);
    expect(requests[0]).toMatch(/\r\naccept-encoding: identity\r\n/);
  });

  it("tells of a body that ends early", async () => {
    const url = await serve((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"));
    const response = await httpRequest(url, large);
    await expect(response.text(100)).rejects.toMatchObject({ kind: "unavailable", code: "connection-reset" });
  });

  it("holds a server back while nobody reads, and gets everything in the end", async () => {
    const size = 64 << 20;
    let sent = 0;
    const url = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      const more = (): void => {
        while (sent < size) {
          sent += 1 << 20;
          if (!socket.write(Buffer.alloc(1 << 20, sent >> 20))) return void socket.once("drain", more);
        }
        socket.end();
      };
      more();
    });
    const response = await httpRequest(url, large);
    await Bun.sleep(300);
    expect(sent).toBeLessThan(32 << 20);
    let read = 0;
    for await (const chunk of response.stream()) {
      expect(chunk[0]).toBe(Math.floor(read / (1 << 20) + 1) % 256);
      read += chunk.length;
    }
    expect(read).toBe(size);
  });

  it("reads every byte where pieces are borrowed, whether data comes in floods or in drops", async () => {
    const flood = Buffer.alloc(3 << 20, "flood");
    const url = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${flood.length + 12}\r\n\r\nfirst `);
      setTimeout(() => socket.write("drops "), 60);
      setTimeout(() => socket.end(Buffer.concat([flood, Buffer.from("AND MORE")])), 120);
    });
    const response = await httpRequest(url, large);
    const hash = new Bun.CryptoHasher("sha256");
    for await (const piece of response.stream({ borrowed: true })) hash.update(piece);
    expect(hash.digest("hex")).toBe(new Bun.CryptoHasher("sha256").update("first drops ").update(flood).digest("hex"));
  });

  it("tells of a borrowed body that ends early or is cut off, and stops with the signal", async () => {
    const read = async (answer: (socket: Socket) => void, signal?: AbortSignal): Promise<void> => {
      const url = await serve(answer);
      const response = await httpRequest(url, { ...large, signal });
      for await (const _piece of response.stream({ borrowed: true }));
    };
    const begin = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello";
    await expect(read((socket) => socket.end(begin))).rejects.toMatchObject({ kind: "unavailable", code: "connection-reset" });
    server?.close();
    const cut = read((socket) => socket.write(begin, () => setTimeout(() => socket.resetAndDestroy(), 30)));
    await expect(cut).rejects.toMatchObject({ kind: "unavailable", code: "connection-reset" });
    server?.close();
    await expect(read((socket) => socket.write(begin), AbortSignal.timeout(50))).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("leaves its turn to others while data floods in", async () => {
    const size = 256 << 20;
    const url = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      const more = (): void => {
        while (socket.write(Buffer.alloc(1 << 20)));
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    });
    const response = await httpRequest(url, large);
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 1);
    let read = 0;
    for await (const piece of response.stream({ borrowed: true })) read += piece.length;
    clearInterval(ticking);
    expect(read).toBe(size);
    expect(ticks).toBeGreaterThan(3);
  });

  it.each([
    ["a redirect", "HTTP/1.1 307 Temporary Redirect\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n", 307, ""],
    ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, "abc"],
    ["an error", "HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\nno!", 404, "no!"],
    ["a body without a length", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc", 200, "abc"],
  ])("leaves %s to fetch", async (_what, answer, status, text) => {
    const url = await serve((socket) => socket.end(answer));
    const response = await httpRequest(url, large);
    expect(response.status).toBe(status);
    expect(await response.text(100)).toBe(text);
    expect(requests.map(isDirect)).toEqual([true, false]);
  });

  it("leaves what does not answer to fetch, for its words", async () => {
    await expect(httpRequest("http://127.0.0.1:1/", large)).rejects.toMatchObject({ code: "connection-refused" });
  });

  it("ends with the signal, before and after the head", async () => {
    const silent = await serve(() => undefined);
    await expect(httpRequest(silent, { ...large, signal: AbortSignal.timeout(30) })).rejects.toMatchObject({ kind: "cancelled" });
    await expect(httpRequest(silent, { ...large, timeoutMs: 30 })).rejects.toMatchObject({ code: "timeout" });
    server?.close();
    const url = await serve((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"));
    const response = await httpRequest(url, { ...large, signal: AbortSignal.timeout(50) });
    await expect(response.text(100)).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("drops the connection when the reader stops early", async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serve((socket) => {
      socket.on("close", () => closed.resolve());
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello`);
    });
    const response = await httpRequest(url, large);
    for await (const chunk of response.stream()) {
      expect(Buffer.from(chunk).toString()).toBe("hello");
      break;
    }
    await closed.promise;
  });

  it("is not taken through a proxy, nor unless asked for", async () => {
    const url = await serve((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    expect(await (await httpRequest(url, { proxy: "" })).text(10)).toBe("ok");
    expect(await (await httpRequest("http://elsewhere.invalid/", { largeDownload: true, proxy: new URL(url).origin })).text(10)).toBe("ok");
    expect(requests.map(isDirect)).toEqual([false, false]);
  });
});
