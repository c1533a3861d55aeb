import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Exchange, Outcome } from "./exchange.ts";
import { type Listener, listen } from "./listener.ts";

const directory = mkdtempSync(join(tmpdir(), "listener-"));
const path = join(directory, "s");
let listener: Listener;
let active = 0;
const aborted: string[] = [];

async function serve({ head, body, signal, hijack }: Exchange): Promise<Outcome> {
  const [, word] = head.target.split("/");
  switch (word) {
    case "echo": {
      const parts: Buffer[] = [];
      for await (const bytes of body) parts.push(bytes);
      return { status: 200, body: Buffer.concat(parts) };
    }
    case "length": {
      let length = 0;
      for await (const bytes of body) length += bytes.length;
      return { status: 200, body: String(length) };
    }
    case "pieces":
      return {
        status: 200,
        body: (async function* () {
          yield "one";
          await Bun.sleep(20);
          yield "two";
        })(),
      };
    case "endless":
      return {
        status: 200,
        body: (async function* () {
          while (!signal.aborted) {
            yield "x".repeat(65_536);
            await Bun.sleep(1);
          }
          aborted.push("endless");
        })(),
      };
    case "hijack": {
      const wire = await hijack("HTTP/1.1 101 UPGRADED\r\n\r\n");
      void (async () => {
        for (let bytes = await wire.input.read(); bytes !== undefined; bytes = await wire.input.read())
          await wire.write(bytes.toString().toUpperCase());
        await wire.write("bye");
        wire.close();
      })();
      return "hijacked";
    }
    case "throw":
      throw new Error("a fault");
    default:
      return { status: 204 };
  }
}

beforeAll(() => {
  listener = listen({
    address: { kind: "unix", path },
    serve,
    onActivity: (count) => {
      active = count;
    },
    report: () => undefined,
  });
});
afterAll(() => {
  listener.stop(true);
  rmSync(directory, { recursive: true });
});

/** Sends the parts one after the other and gives what came back until the server closes, or `enough` fits. */
async function talk(parts: readonly string[], enough?: RegExp, endInput = false): Promise<string> {
  const received: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const text = (): string => Buffer.concat(received).toString("latin1");
  const socket = await Bun.connect({
    unix: path,
    allowHalfOpen: true,
    socket: {
      data(_, data) {
        received.push(Buffer.from(data));
        if (enough?.test(text()) === true) resolve();
      },
      end: () => resolve(),
      close: () => resolve(),
      error: () => resolve(),
    },
  });
  for (const part of parts) {
    socket.write(part);
    await Bun.sleep(10);
  }
  if (endInput) socket.shutdown();
  await Promise.race([promise, Bun.sleep(1000)]);
  socket.end();
  return text().replace(/Date: [^\r]*\r\n/g, "");
}

describe("the HTTP server", () => {
  it("keeps the connection for the next request", async () => {
    const both = await talk(["GET /a HTTP/1.1\r\nHost: d\r\n\r\n", "GET /b HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"]);
    expect(both).toBe("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  });

  it("serves requests that come in one piece, and in many", async () => {
    const request = "POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\nabc";
    expect((await talk([request + request + request.replace("Host", "Connection: close\r\nHost")])).match(/abc/g)).toHaveLength(3);
    expect(await talk([...request.replace("Host", "Connection: close\r\nHost")].map(String))).toMatch(/abc$/);
  });

  it("decodes chunks, and sends what comes in pieces as such", async () => {
    const chunked = "POST /echo HTTP/1.1\r\nHost: d\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    expect(await talk([chunked, "3;x=y\r\nabc\r\n", "2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"])).toMatch(/Content-Length: 5[^]*abcde$/);
    expect(await talk([chunked, "zz\r\n"])).toMatch(/^$|^HTTP\/1.1 400/);
    const pieces = await talk(["GET /pieces HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"]);
    expect(pieces).toMatch(/Transfer-Encoding: chunked[^]*\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
  });

  it("tells a waiting client to go on", async () => {
    const head = "POST /echo HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n";
    expect(await talk([head, "ok"])).toMatch(/^HTTP\/1.1 100 [^]*HTTP\/1.1 200 OK[^]*ok$/);
    expect(await talk([head.replace("/echo", "/none")])).toMatch(/^HTTP\/1.1 204 No Content\r\nConnection: close/);
  });

  it("takes large bodies and drops those that nobody reads", async () => {
    const body = "x".repeat(3_000_000);
    const send = (target: string) => fetch(`http://d/${target}`, { method: "POST", body, unix: path } as RequestInit);
    expect(await (await send("length")).text()).toBe("3000000");
    expect((await send("none")).status).toBe(204);
    expect((await send("length")).status).toBe(200);
  });

  it("gives a connection away, half-open", async () => {
    const text = await talk(["POST /hijack HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n{}", "abc"], undefined, true);
    expect(text).toBe("HTTP/1.1 101 UPGRADED\r\n\r\nABCbye");
  });

  it("stops an answer whose reader has gone", async () => {
    await talk(["GET /endless HTTP/1.1\r\nHost: d\r\n\r\n"], /xxx/);
    for (let wait = 0; wait < 100 && active > 0; wait++) await Bun.sleep(10);
    expect(active).toBe(0);
  });

  it("refuses what is no request, and goes on serving", async () => {
    expect(await talk(["GARBAGE\r\n\r\n"])).toMatch(/^HTTP\/1.1 400 Bad Request[^]*\r\n\r\n400 Bad Request$/);
    expect(await talk([`GET / HTTP/1.1\r\nHost: d\r\nA: ${"x".repeat(1_100_000)}`])).toMatch(/^$|^HTTP\/1.1 431/);
    expect(await talk(["GET /throw HTTP/1.1\r\nHost: d\r\n\r\n"])).toBe("");
    expect(await talk(["GET / HTTP/1.0\r\n\r\n"])).toMatch(/^HTTP\/1.1 204/);
  });

  it.each([
    ["GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"],
    ["GET / HTTP/9.1\r\nHost: d\r\n\r\n", "505 HTTP Version Not Supported: unsupported protocol version"],
    ["GET /%zz HTTP/1.1\r\nHost: d\r\n\r\n", "400 Bad Request"],
  ])("says why in the status line where Go does: %j", async (request, status) => {
    const head = "Content-Type: text/plain; charset=utf-8\r\nConnection: close";
    expect(await talk([request])).toBe(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${status}`);
  });
});
