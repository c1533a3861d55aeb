import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { httpUpgrade } from "./upgrade.ts";

let directory: string;
let server: Server;
let serve: (socket: Socket, request: string) => void;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "upgrade-"));
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request) => serve(socket, request.toString()));
  });
  await new Promise<void>((resolve) => server.listen(join(directory, "s"), resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

const upgrade = () => httpUpgrade("http://d/attach?stdin=true", { unixSocket: join(directory, "s"), body: "{}" });

it("gives bytes both ways, and closes one side alone", async () => {
  serve = (socket, request) => {
    expect(request).toMatch(/^POST \/attach\?stdin=true HTTP\/1\.1\r\n/);
    expect(request).toContain("Upgrade: tcp\r\n");
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\nfirst ");
    let got = 0;
    socket.on("data", (chunk) => {
      got += chunk.length;
    });
    socket.on("end", () => socket.end(`got ${got}`));
  };
  const { status, connection } = await upgrade();
  expect(status).toBe(101);
  await connection.send(Buffer.alloc(3_000_000, "x"));
  connection.endInput();
  const chunks = await Array.fromAsync(connection.stream());
  expect(Buffer.concat(chunks).toString()).toBe("first got 3000000");
  connection.close();
});

it("gives the text of a refusal", async () => {
  serve = (socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 15\r\n\r\n{"message":"no"}');
  expect(await upgrade()).toMatchObject({ status: 404, refusal: expect.stringContaining('{"message":"no"') });
});

it("fails where nobody listens, and where nothing is answered", async () => {
  await expect(httpUpgrade("http://d/", { unixSocket: join(directory, "nobody") })).rejects.toMatchObject({ kind: "unavailable" });
  serve = (socket) => socket.end();
  await expect(upgrade()).rejects.toMatchObject({ code: "connection-reset" });
});
