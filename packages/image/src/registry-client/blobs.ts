import type { ByteStream } from "@containers/common/digest/byte-stream";
import { parseDigest } from "@containers/common/digest/digest";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { HttpResponse } from "@containers/common/http/fetch";
import type { RegistryClient } from "./client.ts";
import { registryError } from "./registry-error.ts";
import { resumingStream } from "./resuming-stream.ts";

/** Blobs from this size on are worth a connection of their own. */
const LARGE_BLOB = 1 << 20;

export interface GetBlobOptions {
  /** What the manifest says, for choosing the way to fetch it. */
  readonly expectedSize?: number;
  /** Each piece is used before the next is asked for. */
  readonly borrowed?: boolean;
}

/** A blob's bytes, unverified; a connection that is cut is taken up again where it broke. Size -1 when the registry does not tell it. */
export async function getBlob(
  client: RegistryClient,
  digest: string,
  options: GetBlobOptions = {},
): Promise<{ readonly stream: ByteStream; readonly size: number }> {
  const url = blobPath(client, digest);
  const response = await client.send({ method: "GET", url, largeDownload: (options.expectedSize ?? -1) >= LARGE_BLOB });
  if (response.status !== 200) throw wrapError("fetching blob", await registryError(response));
  const size = contentLength(response);
  return { stream: resumingStream(client, { url, response, size, borrowed: options.borrowed === true }), size };
}

/** Size of a blob that is in the repository (-1: not told); undefined when it is not. */
export async function headBlob(client: RegistryClient, digest: string): Promise<number | undefined> {
  const response = await client.send({ method: "HEAD", url: blobPath(client, digest) });
  await response.discard();
  if (response.status === 200) return contentLength(response);
  if (response.status === 404) return undefined;
  const place = `${new URL(client.base).host}/${client.repository}`;
  throw wrapError(`checking whether a blob ${digest} exists in ${place}`, await registryError(response));
}

/** Makes a blob of another repository of the same registry appear here; false when the registry would rather have it sent. */
export async function mountBlob(client: RegistryClient, digest: string, fromRepository: string): Promise<boolean> {
  const query = new URLSearchParams({ mount: parseDigest(digest), from: fromRepository });
  const response = await client.send({
    method: "POST",
    url: `/v2/${client.repository}/blobs/uploads/?${query}`,
    extraScopes: [`repository:${fromRepository}:pull`],
  });
  const location = response.headers.get("location");
  await response.discard();
  if (response.status === 201) return true;
  // It began an upload instead: that is given back, or it would stay until the registry cleans up.
  if (response.status === 202 && location !== null) await cancelUpload(client, new URL(location, client.base).href);
  return false;
}

export interface UploadOptions {
  /** Known in advance: then one request carries it all. "" or undefined when it is not. */
  readonly digest?: string;
  /** Bytes; -1 or undefined when not known. */
  readonly size?: number;
  /** Sends pieces of this many bytes, each repeated on its own when a connection breaks; for registries that limit a request's size. */
  readonly chunkBytes?: number;
}

/** Sends a blob; the digest and size of what was sent. The registry checks the digest too. */
export async function uploadBlob(
  client: RegistryClient,
  stream: ByteStream,
  options: UploadOptions = {},
): Promise<{ readonly digest: string; readonly size: number }> {
  const begun = await client.send({ method: "POST", url: `/v2/${client.repository}/blobs/uploads/`, headers: { "content-length": "0" } });
  if (begun.status !== 202) throw wrapError(`initiating layer upload to ${client.repository}`, await registryError(begun));
  const location = await nextLocation(client, begun);
  const known = options.digest !== undefined && options.digest !== "" && options.size !== undefined && options.size >= 0;
  try {
    if (options.chunkBytes !== undefined) {
      const { uploadInChunks } = await import("./chunked-upload.ts");
      return await uploadInChunks(client, stream, { location, chunkBytes: options.chunkBytes });
    }
    return known
      ? await uploadAtOnce(client, stream, { location, digest: options.digest ?? "", size: options.size ?? 0 })
      : await uploadStreamed(client, stream, location);
  } catch (error) {
    await cancelUpload(client, location);
    throw error;
  }
}

/** Ends an upload with the digest of what was sent. */
export async function finishUpload(client: RegistryClient, location: string, digest: string): Promise<void> {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  const response = await client.send({
    method: "PUT",
    url: url.href,
    headers: { "content-length": "0", "content-type": "application/octet-stream" },
  });
  if (response.status !== 201) throw wrapError(`uploading layer to ${client.repository}`, await registryError(response));
  await response.discard();
}

/** The absolute URL that an upload goes on at. Drops the response's body. */
export async function nextLocation(client: RegistryClient, response: HttpResponse): Promise<string> {
  const location = response.headers.get("location");
  await response.discard();
  if (location === null) throw new ToolError("unavailable", `the registry ${client.base} names no location for an upload`);
  return new URL(location, response.url).href;
}

async function uploadAtOnce(
  client: RegistryClient,
  stream: ByteStream,
  blob: { readonly location: string; readonly digest: string; readonly size: number },
): Promise<{ digest: string; size: number }> {
  const url = new URL(blob.location);
  url.searchParams.set("digest", blob.digest);
  const response = await client.send({
    method: "PUT",
    url: url.href,
    headers: { "content-length": String(blob.size), "content-type": "application/octet-stream" },
    body: stream,
    largeUpload: true,
  });
  if (response.status !== 201) throw wrapError(`writing blob ${blob.digest} to ${client.repository}`, await registryError(response));
  await response.discard();
  return { digest: blob.digest, size: blob.size };
}

async function uploadStreamed(client: RegistryClient, stream: ByteStream, location: string): Promise<{ digest: string; size: number }> {
  const hashed = hashingStream(stream);
  const response = await client.send({
    method: "PATCH",
    url: location,
    headers: { "content-type": "application/octet-stream" },
    body: hashed.stream,
    largeUpload: true,
  });
  if (response.status !== 202 && response.status !== 204)
    throw wrapError(`uploading layer chunked to ${client.repository}`, await registryError(response));
  await finishUpload(client, await nextLocation(client, response), hashed.digest());
  return { digest: hashed.digest(), size: hashed.size() };
}

/** Gives back what an upload has taken at the registry. Failing to is no error: registries clean up by themselves. */
async function cancelUpload(client: RegistryClient, location: string): Promise<void> {
  // Its own short life: the copy's signal has often been aborted already.
  await client.send({ method: "DELETE", url: location, signal: AbortSignal.timeout(5000) }).then(
    (response) => response.discard(),
    () => undefined,
  );
}

function blobPath(client: RegistryClient, digest: string): string {
  return `/v2/${client.repository}/blobs/${parseDigest(digest)}`;
}

function contentLength(response: HttpResponse): number {
  const header = response.headers.get("content-length");
  return header !== null && /^\d+$/.test(header) ? Number(header) : -1;
}
