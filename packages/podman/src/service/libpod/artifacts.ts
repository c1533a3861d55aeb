import { createReadStream, existsSync } from "node:fs";
import { isAbsolute, normalize } from "node:path";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { type AddArtifactOptions, addArtifact } from "@containers/image/artifacts/add-artifact";
import {
  type ArtifactStore,
  artifactStore,
  listArtifacts,
  removeArtifact,
  requireArtifact,
} from "@containers/image/artifacts/artifact-store";
import { type ArtifactBlob, artifactBlobs } from "@containers/image/artifacts/extract-artifact";
import { pullArtifact, pushArtifact } from "@containers/image/artifacts/transfer-artifact";
import { tarEnd, tarHeader, tarPadding } from "@containers/storage/archive/write-tar";
import type { ByteStream } from "@containers/storage/store";
import { HttpError, httpError, withStatuses } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { bytes, json } from "../reply.ts";
import { withRequestImages } from "../request-images.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { delayOf } from "../wire/transfer-parameters.ts";

const storeOf = ({ engine }: Pick<ApiRequest, "engine">): ArtifactStore => artifactStore(engine.store.graphRoot);

export const listAll: Handler = (request) =>
  json(
    200,
    listArtifacts(storeOf(request)).map(({ name, bytes: text }) => ({ Manifest: manifestJson(text), Name: name })),
  );

export const inspect: Handler = (request) => {
  const { name, digest, bytes: text } = requireArtifact(storeOf(request), request.param("name"));
  return json(200, { Manifest: manifestJson(text), Name: name, Digest: digest });
};

function manifestJson(text: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(text)) as unknown;
}

/** `POST /libpod/artifacts/add`: the body is the file. */
export const add: Handler = (request) => {
  const { name, fileName, options } = readAddition(request);
  return added(request, name, { file: { name: fileName, stream: request.body }, options });
};

/** `POST /libpod/artifacts/local/add`: a file on the service's own disk. */
export const addLocal: Handler = (request) => {
  const { name, fileName, path, options } = readAddition(request);
  if (!isAbsolute(path)) throw new HttpError(400, `path is not absolute: ${JSON.stringify(path)}`, { because: "path is not absolute" });
  if (!existsSync(path)) throw new HttpError(404, `file does not exist: ${JSON.stringify(path)}`);
  return added(request, name, { file: { name: fileName, stream: createReadStream(path) }, options });
};

async function added(
  request: ApiRequest,
  name: string,
  { file, options }: { readonly file: { readonly name: string; readonly stream: ByteStream }; readonly options: AddArtifactOptions },
) {
  return json(201, { ArtifactDigest: await addArtifact(storeOf(request), name, [file], options) });
}

function readAddition(request: ApiRequest) {
  const query = readQuery(request, {
    name: "string",
    fileName: "string",
    fileMIMEType: "string",
    annotations: "strings",
    artifactMIMEType: "string",
    append: "bool",
    replace: "bool",
    path: "string",
  });
  const { name = "", fileName = "", append, replace } = query;
  if (name === "" || fileName === "") throw new HttpError(400, "name and file parameters are required");
  const options = {
    append,
    replace,
    annotations: annotationsOf(query.annotations),
    fileType: query.fileMIMEType || undefined,
    artifactType: query.artifactMIMEType || undefined,
  };
  return { name, fileName, path: normalize(query.path ?? ""), options };
}

function annotationsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals < 0) throw new HttpError(400, `no value given for annotation ${JSON.stringify(text)}`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** `POST /libpod/artifacts/pull`. */
export const pull: Handler = async (request) => {
  const {
    name = "",
    tlsVerify,
    ...query
  } = readQuery(request, {
    name: "string",
    retry: "int",
    retryDelay: "string",
    tlsVerify: "bool",
  });
  if (name === "") throw new HttpError(400, "name parameter is required");
  const options = retriesOf(query);
  const digest = await withStatuses({ denied: 401 }, () =>
    withRequestImages(request, { tlsVerify }, (images) => pullArtifact(images, storeOf(request), name, options)),
  );
  return json(200, { ArtifactDigest: digest });
};

/** `POST /libpod/artifacts/{name}/push`. */
export const push: Handler = async (request) => {
  const { tlsVerify, ...query } = readQuery(request, { retry: "int", retryDelay: "string", tlsVerify: "bool" });
  const options = retriesOf(query);
  const digest = await withStatuses({ denied: 401 }, () =>
    withRequestImages(request, { tlsVerify }, (images) => pushArtifact(images, storeOf(request), request.param("name"), options)),
  );
  return json(200, { ArtifactDigest: digest });
};

function retriesOf({ retry, retryDelay }: { readonly retry?: number; readonly retryDelay?: string }) {
  return { retries: retry, retryDelay: retryDelay === undefined || retryDelay === "" ? undefined : delayOf(retryDelay) };
}

/** `DELETE /libpod/artifacts/{name}`. */
export const removeOne: Handler = async (request) =>
  json(200, { ArtifactDigests: [await removeArtifact(storeOf(request), request.param("name"))] });

/** `DELETE /libpod/artifacts/remove`: those named, or all. */
export const removeSeveral: Handler = async (request) => {
  const { all = false, artifacts, ignore = false } = readQuery(request, { all: "bool", artifacts: "strings", ignore: "bool" });
  if (all && artifacts.length > 0) throw new HttpError(400, "when setting all to true, you may not pass any artifact names or digests");
  if (!all && artifacts.length === 0) throw new HttpError(400, "an artifact or all option must be specified");
  const store = storeOf(request);
  const digests: string[] = [];
  for (const name of all ? listArtifacts(store).map((artifact) => artifact.digest) : artifacts) {
    try {
      digests.push(await removeArtifact(store, name));
    } catch (error) {
      if (!ignore || !isErrorOfKind(error, "not-found")) throw error;
    }
  }
  return json(200, { ArtifactDigests: digests });
};

/** `GET /libpod/artifacts/{name}/extract`: the chosen files as a tar archive. */
export const extract: Handler = (request) => {
  const query = readQuery(request, { title: "string", digest: "string", excludeTitle: "bool" });
  const blobs = chosenBlobs(request, { title: query.title || undefined, digest: query.digest || undefined });
  const nameless = query.excludeTitle === true && blobs.length === 1;
  return bytes(blobTar(nameless ? blobs.map((blob) => ({ ...blob, name: "" })) : blobs), "application/octet-stream");
};

/** That the artifact is missing is 404; that it has no such file is not. */
function chosenBlobs(request: ApiRequest, choice: { readonly title?: string; readonly digest?: string }): readonly ArtifactBlob[] {
  try {
    return artifactBlobs(storeOf(request), request.param("name"), choice);
  } catch (error) {
    if (error instanceof ToolError && error.code === "artifact-not-found") throw error;
    throw httpError(500, error);
  }
}

async function* blobTar(blobs: readonly ArtifactBlob[]): ByteStream {
  const mtime = Math.floor(Date.now() / 1000);
  for (const { source, name, size } of blobs) {
    yield tarHeader({ name, type: "file", mode: 0o600, uid: 0, gid: 0, size, mtime });
    yield* createReadStream(source) as AsyncIterable<Uint8Array>;
    yield Buffer.alloc(tarPadding(size));
  }
  yield tarEnd();
}
