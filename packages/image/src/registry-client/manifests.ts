import { ToolError } from "@containers/common/errors/tool-error";
import { manifestType } from "../manifest/guess-media-type.ts";
import { verifyManifest } from "../manifest/manifest-digest.ts";
import { ACCEPTED_MANIFESTS, bareMediaType } from "../manifest/media-types.ts";
import { MAX_MANIFEST_BYTES } from "../manifest/parse.ts";
import type { RawManifest } from "../transports/transport.ts";
import type { RegistryClient } from "./client.ts";
import { registryError } from "./registry-error.ts";

/** A manifest by tag or digest; a digest is verified. Throws not-found (code image-not-found) when there is none. */
export async function getManifest(client: RegistryClient, tagOrDigest: string): Promise<RawManifest> {
  const response = await client.send({
    method: "GET",
    url: manifestPath(client, tagOrDigest),
    headers: { accept: ACCEPTED_MANIFESTS.join(", ") },
  });
  if (response.status !== 200) throw await manifestError(client, tagOrDigest, await registryError(response));
  const bytes = await response.bytes(MAX_MANIFEST_BYTES);
  if (tagOrDigest.includes(":")) verifyManifest(bytes, tagOrDigest);
  return { bytes, mediaType: manifestType(bytes, bareMediaType(response.headers.get("content-type") ?? "")) };
}

/** The digest that a tag stands for, without fetching the manifest where the registry tells it; undefined when there is no such image. */
export async function resolveTag(client: RegistryClient, tag: string): Promise<string | undefined> {
  const response = await client.send({
    method: "HEAD",
    url: manifestPath(client, tag),
    headers: { accept: ACCEPTED_MANIFESTS.join(", ") },
  });
  await response.discard();
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw await manifestError(client, tag, await registryError(response));
  return response.headers.get("docker-content-digest") ?? undefined;
}

/** Stores a manifest under a tag or its digest. Throws with code manifest-rejected when the registry does not take this format. */
export async function putManifest(client: RegistryClient, tagOrDigest: string, manifest: RawManifest): Promise<void> {
  const response = await client.send({
    method: "PUT",
    url: manifestPath(client, tagOrDigest),
    headers: { "content-type": manifest.mediaType },
    body: manifest.bytes,
  });
  if (response.status >= 200 && response.status < 300) return await response.discard();
  const error = await registryError(response);
  const rejected = response.status === 415 || (response.status === 400 && error.code === "manifest-rejected");
  throw new ToolError(error.kind, `uploading manifest ${tagOrDigest} to ${client.repository}`, {
    cause: error,
    code: rejected ? "manifest-rejected" : error.code,
  });
}

/** Deletes by digest; deleting by tag is not what registries offer. */
export async function deleteManifest(client: RegistryClient, digest: string): Promise<void> {
  const response = await client.send({ method: "DELETE", url: manifestPath(client, digest) });
  if (response.status === 202 || response.status === 200) return await response.discard();
  const error = await registryError(response);
  if (response.status === 405) {
    throw new ToolError("unsupported", `deleting ${digest} from ${client.repository}`, {
      cause: error,
      hint: "the registry does not allow deletion",
    });
  }
  throw await manifestError(client, digest, error, "deleting");
}

async function manifestError(
  client: RegistryClient,
  tagOrDigest: string,
  error: Awaited<ReturnType<typeof registryError>>,
  doing = "reading",
): Promise<ToolError> {
  const host = new URL(client.base).host;
  const code = error.status === 404 ? "image-not-found" : error.code;
  return new ToolError(error.kind, `${doing} manifest ${tagOrDigest} in ${host}/${client.repository}`, { cause: error, code });
}

function manifestPath(client: RegistryClient, tagOrDigest: string): string {
  return `/v2/${client.repository}/manifests/${tagOrDigest}`;
}
