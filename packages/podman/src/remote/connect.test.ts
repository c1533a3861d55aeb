import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectService } from "./connect.ts";
import { frames } from "./containers/attach-client.ts";
import { readLogs } from "./containers/logs.ts";
import { pullImage } from "./images/pull.ts";
import { getJson, type Service } from "./service.ts";

describe("a client", () => {
  let directory: string;
  let server: Server;
  let seen: Array<{ readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"] }>;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let service: Service;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "podman-remote-"));
    seen = [];
    server = createServer((request, response) => {
      seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
      if (request.url?.endsWith("/_ping")) response.setHeader("libpod-api-version", "5.8.6").end("OK");
      else answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(join(directory, "s"), resolve));
    service = await connectService({ uri: `unix://${directory}/s` }, () => undefined);
  });
  afterEach(async () => {
    service.close();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  });

  it("asks below the version's path and reads JSON", async () => {
    answer = (_, response) => response.end('{"a":1}');
    expect(await getJson(service, "/containers/json", { all: true, filters: undefined, names: ["a", "b c"] })).toEqual({ a: 1 });
    expect(seen.at(-1)).toMatchObject({ method: "GET", url: "/v5.8.6/libpod/containers/json?all=true&names=a&names=b+c" });
  });

  it.each([
    [404, "not-found"],
    [400, "invalid-argument"],
    [409, "invalid-state"],
    [500, "internal"],
  ])("throws the service's own words for status %i", async (status, kind) => {
    answer = (_, response) => response.writeHead(status).end('{"cause":"c","message":"no such thing","response":0}');
    await expect(getJson(service, "/x")).rejects.toMatchObject({ kind, message: "no such thing" });
  });

  it("hands progress on, and the failure of a pull, which has a good status", async () => {
    const said: string[] = [];
    answer = (_, response) => response.end('{"stream":"Trying…\\n"}\n{"images":["abc"],"id":"abc"}\n');
    expect(
      await pullImage(service, "x", { access: { credentials: { username: "u", password: "p" } }, progress: (text) => said.push(text) }),
    ).toEqual(["abc"]);
    expect(said).toEqual(["Trying…\n"]);
    const header = String(seen.at(-1)?.headers["x-registry-auth"]);
    expect(JSON.parse(Buffer.from(header, "base64").toString())).toEqual({ username: "u", password: "p" });
    answer = (_, response) => response.end('{"error":"denied"}\n');
    await expect(pullImage(service, "x", { access: {} })).rejects.toThrow("denied");
  });

  it("reads logs out of frames that come in pieces", async () => {
    const frame = (stream: number, text: string): Buffer => {
      const header = Buffer.alloc(8);
      header[0] = stream;
      header.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([header, Buffer.from(text)]);
    };
    answer = (request, response) => {
      if (request.url?.includes("/json")) return void response.end('{"Id":"id","Name":"name"}');
      const all = Buffer.concat([frame(1, "2026-01-01T00:00:00Z one\n"), frame(2, "2026-01-01T00:00:01Z part")]);
      response.write(all.subarray(0, 5));
      setTimeout(() => response.end(all.subarray(5)), 5);
    };
    const lines = await Array.fromAsync(readLogs(service, "name", {}));
    expect(lines).toEqual([
      { time: "2026-01-01T00:00:00Z", stream: "stdout", text: "one", partial: false, containerId: "id", containerName: "name" },
      { time: "2026-01-01T00:00:01Z", stream: "stderr", text: "part", partial: true, containerId: "id", containerName: "name" },
    ]);
  });

  it("refuses frames of no known stream", async () => {
    const wrong = (async function* () {
      yield Buffer.from("HTTP/1.1 200 OK\r\n");
    })();
    await expect(Array.fromAsync(frames(wrong))).rejects.toThrow("unrecognized channel");
  });

  it("says what to do when nobody listens", async () => {
    const advice: string[] = [];
    await expect(connectService({ uri: `unix://${directory}/nobody` }, (line) => advice.push(line))).rejects.toMatchObject({
      kind: "unavailable",
      exitCode: 125,
    });
    expect(advice[0]).toContain("podman system connection list");
    await expect(connectService({ uri: "ftp://x" }, () => undefined)).rejects.toThrow('"ftp" is not a supported schema');
  });
});
