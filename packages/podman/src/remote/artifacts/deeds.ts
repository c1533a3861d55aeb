import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import type { AddArtifactOptions } from "@containers/image/artifacts/add-artifact";
import type { Artifact } from "@containers/image/artifacts/artifact-store";
import { OCI_MANIFEST } from "@containers/image/manifest/media-types";
import { parseImageManifest } from "@containers/image/manifest/parse";
import { fileError } from "@containers/image/transports/blob-file";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { registryAuthHeader } from "../registry-headers.ts";
import { deleteJson, getJson, postJson, readJson, type Service, segment } from "../service.ts";
import { record, records, text, texts } from "../wire.ts";

/** All artifacts of the service. A list does not tell digests, and so each is asked for. */
export async function listArtifacts(service: Service): Promise<readonly Artifact[]> {
  const found: Artifact[] = [];
  for (const one of records(await getJson(service, "/artifacts/json"))) found.push(await inspectArtifact(service, text(one["Name"])));
  return found;
}

/** @throws ToolError not-found */
export async function inspectArtifact(service: Service, reference: string): Promise<Artifact> {
  const answer = record(await getJson(service, `/artifacts/${segment(reference)}/json`));
  const bytes = Buffer.from(JSON.stringify(answer["Manifest"]));
  const manifest = parseImageManifest(bytes, text(record(answer["Manifest"])["mediaType"]) || OCI_MANIFEST);
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  return { name: text(answer["Name"]), digest: text(answer["Digest"]) || sha256(bytes), manifest, bytes, size };
}

/**
 * Sends files of this machine, one after the other; gives the digest of the artifact that holds them all. What was begun is taken back when a
 * file fails that is not the first.
 */
export async function addArtifact(service: Service, name: string, paths: readonly string[], options: AddArtifactOptions): Promise<string> {
  let digest = "";
  for (const [at, path] of paths.entries()) {
    try {
      digest = await addFile(service, { name, path, isFirst: at === 0 }, options);
    } catch (error) {
      if (at > 0 && options.append !== true) await removeArtifacts(service, { names: [name], all: false, ignore: true });
      throw error;
    }
  }
  return digest;
}

async function addFile(
  service: Service,
  { name, path, isFirst }: { readonly name: string; readonly path: string; readonly isFirst: boolean },
  options: AddArtifactOptions,
): Promise<string> {
  const answer = await postJson(service, "/artifacts/add", {
    query: {
      name,
      fileName: basename(path),
      annotations: Object.entries(options.annotations ?? {}).map(([key, value]) => `${key}=${value}`),
      // What is added to an artifact cannot change its type.
      artifactMIMEType: isFirst ? options.artifactType : undefined,
      fileMIMEType: options.fileType,
      append: options.append === true || !isFirst,
      replace: options.replace === true && isFirst,
    },
    body: await openFile(path),
    headers: { "content-type": "application/octet-stream" },
  });
  return text(record(answer)["ArtifactDigest"]);
}

/** The file's bytes; that it cannot be read is told before anything is asked. */
async function openFile(path: string): Promise<ByteStream> {
  const stream = createReadStream(path);
  await new Promise<void>((resolve, reject) => {
    stream.once("open", () => resolve());
    stream.once("error", (error) => reject(fileError(error)));
  });
  return stream as ByteStream;
}

export interface RemoteTransfer {
  readonly access: RegistryAccess;
  readonly retries?: number | undefined;
  /** Milliseconds. */
  readonly retryDelay?: number | undefined;
}

/** Lets the service pull an artifact; gives its digest. */
export function pullArtifact(service: Service, name: string, options: RemoteTransfer): Promise<string> {
  return transfer(service, "/artifacts/pull", { name, ...options });
}

/** Lets the service push an artifact; gives its digest. */
export function pushArtifact(service: Service, name: string, options: RemoteTransfer): Promise<string> {
  return transfer(service, `/artifacts/${segment(name)}/push`, options);
}

async function transfer(service: Service, path: string, options: RemoteTransfer & { readonly name?: string }): Promise<string> {
  const { name, access, retries, retryDelay } = options;
  const response = await service.request("POST", path, {
    query: { name, retry: retries, retryDelay: retryDelay === undefined ? undefined : `${retryDelay}ms`, tlsVerify: access.tlsVerify },
    headers: registryAuthHeader(access),
  });
  return text(record(await readJson(response))["ArtifactDigest"]);
}

/** Removes artifacts, or all of them; gives the digests of those that there were. */
export async function removeArtifacts(
  service: Service,
  { names, all, ignore }: { readonly names: readonly string[]; readonly all: boolean; readonly ignore: boolean },
): Promise<readonly string[]> {
  const answer = record(await deleteJson(service, "/artifacts/remove", { artifacts: names, all, ignore }));
  return texts(answer["ArtifactDigests"]);
}

/** The chosen files as a tar archive; a single one has no name there with `nameless`. */
export async function exportArtifact(
  service: Service,
  name: string,
  choice: { readonly digest?: string | undefined; readonly title?: string | undefined; readonly nameless: boolean },
): Promise<ByteStream> {
  if (choice.digest !== undefined && choice.title !== undefined)
    throw new ToolError("invalid-argument", "cannot specify both digest and title");
  const query = { digest: choice.digest, title: choice.title, excludeTitle: choice.nameless };
  return (await service.request("GET", `/artifacts/${segment(name)}/extract`, { query })).stream();
}
