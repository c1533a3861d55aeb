import { type ByteStream, inChunksOf } from "@containers/common/digest/byte-stream";
import { newHasher } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { HttpResponse } from "@containers/common/http/fetch";
import { finishUpload, nextLocation } from "./blobs.ts";
import type { RegistryClient } from "./client.ts";
import { registryError } from "./registry-error.ts";

/** Sends a blob piece by piece. A piece lives in memory until it is acknowledged, so that a broken connection costs only that piece. */
export async function uploadInChunks(
  client: RegistryClient,
  stream: ByteStream,
  options: { readonly location: string; readonly chunkBytes: number },
): Promise<{ readonly digest: string; readonly size: number }> {
  const hasher = newHasher();
  let { location } = options;
  let at = 0;
  for await (const chunk of inChunksOf(stream, options.chunkBytes)) {
    hasher.update(chunk);
    location = await sendChunk(client, { location, at, chunk });
    at += chunk.length;
  }
  const digest = hasher.digest();
  await finishUpload(client, location, digest);
  return { digest, size: at };
}

interface Piece {
  readonly location: string;
  readonly at: number;
  readonly chunk: Uint8Array;
}

async function sendChunk(client: RegistryClient, piece: Piece): Promise<string> {
  const { location, at, chunk } = piece;
  const response = await patch(client, piece);
  if (response.status === 202 || response.status === 204) return await nextLocation(client, response);
  // The piece may have arrived although its acknowledgement was lost: the registry then expects the next one.
  if (response.status === 416) {
    await response.discard();
    const received = await receivedBytes(client, location);
    if (received === at + chunk.length) return location;
  }
  throw wrapError(
    `uploading layer chunked to ${client.repository}`,
    response.status === 416
      ? new ToolError("unavailable", `the registry lost track of the upload at byte ${at}`)
      : await registryError(response),
  );
}

async function patch(client: RegistryClient, piece: Piece): Promise<HttpResponse> {
  return await client.send({
    method: "PATCH",
    url: piece.location,
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(piece.chunk.length),
      "content-range": `${piece.at}-${piece.at + piece.chunk.length - 1}`,
    },
    body: piece.chunk,
  });
}

async function receivedBytes(client: RegistryClient, location: string): Promise<number> {
  const response = await client.send({ method: "GET", url: location });
  await response.discard();
  const end = /-(\d+)$/.exec(response.headers.get("range") ?? "")?.[1];
  return end === undefined ? 0 : Number(end) + 1;
}
