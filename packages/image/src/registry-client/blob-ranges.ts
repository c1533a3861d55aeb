import { parseDigest } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import type { HttpResponse } from "@containers/common/http/fetch";
import type { RegistryClient } from "./client.ts";
import { type ByteRange, multipartRanges, NO_RANGES } from "./multipart-ranges.ts";
import { registryError } from "./registry-error.ts";

/** Ranges of one request: beyond this, the header line is longer than some servers take. */
const RANGES_PER_REQUEST = 100;

/**
 * The bytes of parts of a blob, in the order of the ranges, one after the other. Where the registry answers a request for several ranges with the
 * first of them, they are asked for one by one. Throws `unsupported` with the code `no-ranges` where it gives none.
 */
export async function* getBlobRanges(client: RegistryClient, digest: string, ranges: readonly ByteRange[]): AsyncGenerator<Uint8Array> {
  const state = { several: true };
  for (let at = 0; at < ranges.length; ) {
    const batch = ranges.slice(at, at + (state.several ? RANGES_PER_REQUEST : 1));
    const response = await requestRanges(client, digest, batch);
    const type = response.headers.get("content-type") ?? "";
    const boundary = /^multipart\/byteranges\s*;.*\bboundary="?([^";]+)"?/i.exec(type)?.[1];
    if (boundary !== undefined) {
      yield* multipartRanges(response.stream(), boundary, batch);
      at += batch.length;
      continue;
    }
    const [first] = batch;
    if (first === undefined || !isRange(response, first)) {
      await response.discard();
      throw noRanges("the registry answers with another part of the blob than was asked for");
    }
    yield* exactly(response, first);
    state.several = false;
    at++;
  }
}

async function requestRanges(client: RegistryClient, digest: string, batch: readonly ByteRange[]): Promise<HttpResponse> {
  const range = `bytes=${batch.map(({ offset, length }) => `${offset}-${offset + length - 1}`).join(",")}`;
  const url = `/v2/${client.repository}/blobs/${parseDigest(digest)}`;
  const response = await client.send({ method: "GET", url, headers: { range } });
  if (response.status === 206) return response;
  if (response.status === 200 || response.status === 400 || response.status === 416) {
    await response.discard();
    throw noRanges(`the registry does not give parts of a blob (status ${response.status})`);
  }
  throw await registryError(response);
}

function isRange(response: HttpResponse, { offset, length }: ByteRange): boolean {
  const match = /^bytes (\d+)-(\d+)\//.exec(response.headers.get("content-range") ?? "");
  return match !== null && Number(match[1]) === offset && Number(match[2]) === offset + length - 1;
}

async function* exactly(response: HttpResponse, range: ByteRange): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const bytes of response.stream()) {
    seen += bytes.length;
    if (seen > range.length) throw noRanges("the registry sends more than it was asked for");
    yield bytes;
  }
  if (seen < range.length)
    throw new ToolError("unavailable", `the connection ended after ${seen} of ${range.length} bytes`, { code: "connection-reset" });
}

function noRanges(why: string): ToolError {
  return new ToolError("unsupported", why, { code: NO_RANGES });
}
