import http2 from "node:http2";
import { afterEach, expect, test } from "vitest";
import { callGrpc } from "./grpc.ts";

let server: http2.Http2Server | undefined;
afterEach(() => server?.close());

/** Echoes messages, with this status at the end. */
async function serve(status: Record<string, string>): Promise<string> {
  server = http2.createServer();
  server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      stream.respond({ ":status": 200, "content-type": headers["content-type"] }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(status));
      stream.end(status["grpc-status"] === "0" ? Buffer.concat(chunks) : undefined);
    });
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const address = server.address();
  return address !== null && typeof address === "object" ? `127.0.0.1:${address.port}` : "";
}

test("a message comes back, whatever its size", async () => {
  const address = await serve({ "grpc-status": "0" });
  for (const size of [0, 3, 200_000]) expect((await callGrpc({ address }, "/a.B/C", new Uint8Array(size).fill(7))).length).toBe(size);
});

test("a call that fails is told with its status; so is a server that is not there", async () => {
  const address = await serve({ "grpc-status": "5", "grpc-message": "no%20key" });
  await expect(callGrpc({ address }, "/a.B/C", new Uint8Array())).rejects.toMatchObject({
    cause: { message: "rpc error: code = 5 desc = no key" },
  });
  await expect(callGrpc({ address: "unix:/nowhere/socket" }, "/a.B/C", new Uint8Array())).rejects.toThrow("calling the server at");
});
