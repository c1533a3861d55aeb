import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpRequest, redactUrl } from "./fetch.ts";
import { proxyFor } from "./proxy.ts";

let server: Server;
let base = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": "1000" });
      response.write("abc");
      setTimeout(() => response.destroy(), 20);
    } else if (request.url === "/moved") {
      response.writeHead(307, { location: "/echo" }).end();
    } else if (request.url === "/slow") {
      setTimeout(() => response.end("late"), 2000).unref();
    } else {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        response.end(JSON.stringify({ method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() })),
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("one ");
  yield new TextEncoder().encode("two");
}

describe("httpRequest", () => {
  it("sends bodies of known and unknown length", async () => {
    const known = JSON.parse(
      await (await httpRequest(`${base}/echo`, { method: "PUT", body: pieces(), headers: { "content-length": "7" } })).text(10_000),
    );
    expect(known).toMatchObject({ method: "PUT", body: "one two", headers: { "content-length": "7", "accept-encoding": "identity" } });
    const chunked = JSON.parse(await (await httpRequest(`${base}/echo`, { method: "PATCH", body: pieces() })).text(10_000));
    expect(chunked).toMatchObject({ body: "one two", headers: { "transfer-encoding": "chunked" } });
  });

  it("leaves redirects to the caller and bounds bodies", async () => {
    expect((await httpRequest(`${base}/moved`)).status).toBe(307);
    await expect((await httpRequest(`${base}/echo`)).text(3)).rejects.toMatchObject({ kind: "corrupt" });
  });

  it("tells failures apart", async () => {
    await expect((await httpRequest(`${base}/cut`)).bytes(5000)).rejects.toMatchObject({ kind: "unavailable", code: "connection-reset" });
    await expect(httpRequest("http://127.0.0.1:1/v2/")).rejects.toMatchObject({
      code: "connection-refused",
      message: 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    });
    await expect(httpRequest(`${base.replace("http", "https")}/`)).rejects.toMatchObject({ code: "tls" });
    await expect(httpRequest(`${base}/slow`, { timeoutMs: 50 })).rejects.toMatchObject({ code: "timeout" });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    await expect(httpRequest(`${base}/slow`, { signal: abort.signal })).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("reaches loopback without the environment's proxy", async () => {
    const before = process.env["HTTP_PROXY"];
    process.env["HTTP_PROXY"] = "http://127.0.0.1:9";
    try {
      expect((await httpRequest(`${base}/echo`)).status).toBe(200);
      await expect(httpRequest("http://registry.invalid/")).rejects.toMatchObject({ code: "connection-refused" });
    } finally {
      if (before === undefined) delete process.env["HTTP_PROXY"];
      else process.env["HTTP_PROXY"] = before;
    }
  });

  it("keeps secrets out of what is shown", () => {
    expect(redactUrl("https://user:secret@host:5/path?sig=abc")).toBe("https://host:5/path?…");
  });
});

describe("proxyFor", () => {
  const env = { HTTPS_PROXY: "proxy:3128", NO_PROXY: ".internal,example.org,10.0.0.0/8,host:8443" };
  it.each([
    ["https://quay.io/", "http://proxy:3128"],
    ["http://quay.io/", ""],
    ["https://localhost:5000/", ""],
    ["https://a.internal/", ""],
    ["https://sub.example.org/", ""],
    ["https://10.3.2.1/", ""],
    ["https://host:8443/", ""],
    ["https://host/", "http://proxy:3128"],
  ])("%s through %j", (url, proxy) => expect(proxyFor(url, env)).toBe(proxy));
});
