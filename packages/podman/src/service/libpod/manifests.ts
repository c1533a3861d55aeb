import { parseDigest } from "@containers/common/digest/digest";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { normalizeName } from "@containers/image/local-images/normalize-name";
import { createList } from "@containers/image/manifest-lists/create";
import { inspectList } from "@containers/image/manifest-lists/inspect";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { pushList } from "@containers/image/manifest-lists/push";
import { removeFromList, removeLists } from "@containers/image/manifest-lists/remove";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import { withRequestImages } from "../request-images.ts";
import type { Handler } from "../route.ts";
import { decode, dictionary, text } from "../wire/go-object.ts";
import { compressionOf, formatOf, requireRegistryName } from "../wire/transfer-parameters.ts";
import { readBody } from "./answers.ts";
import { removal, throwRemoval } from "./images.ts";
import { applyAtCreation, findList, modification, readAnnotations } from "./manifest-changes.ts";
import { pushAnswer } from "./push-answer.ts";

/** `POST /libpod/manifests/{name}`, or `…/create?name=…` of version 3. */
export const create: Handler = async (request) => {
  const query = readQuery(request, {
    name: "string",
    images: "strings",
    image: "strings",
    all: "bool",
    amend: "bool",
    annotation: "strings",
    annotations: "string",
  });
  const name = request.param("name") || (query.name ?? "");
  requireName(name);
  const members = query.image.length > 0 ? query.image : query.images;
  const annotations = { ...mapOf(query.annotations), ...readAnnotations(query.annotation) };
  const body = await readBody(request);
  try {
    const id = await withRequestImages(request, {}, async (images) => {
      const made = await createList(images, name, members, {
        all: query.all,
        amend: query.amend,
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      });
      // A client that has nothing more to say sends a line end.
      if (body.length >= 3) await applyAtCreation(images, made, decode(modification, body));
      return made;
    });
    const old = Number.parseInt(request.version ?? "5", 10) < 4;
    return json(old ? 200 : 201, { Id: id });
  } catch (error) {
    throw error instanceof HttpError ? error : httpError(500, error);
  }
};

export const exists: Handler = (request) => {
  try {
    requireList(request.engine.images, request.param("name"));
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw httpError(500, error);
    throw new HttpError(404, "manifest not found");
  }
  return empty();
};

export const inspect: Handler = async (request) => {
  const { tlsVerify } = readQuery(request, { tlsVerify: "bool" });
  try {
    return json(200, await withRequestImages(request, { tlsVerify }, (images) => inspectList(images, request.param("name"))));
  } catch (error) {
    throw error instanceof HttpError ? error : httpError(404, error);
  }
};

/** `POST /libpod/manifests/{name}/registry/{destination}`. */
export const push: Handler = async (request) => {
  const query = readQuery(request, {
    all: "bool",
    compressionFormat: "string",
    compressionLevel: "int",
    forceCompressionFormat: "bool",
    format: "string",
    removeSignatures: "bool",
    tlsVerify: "bool",
    quiet: "bool",
    addCompression: "strings",
    destination: "string",
  });
  const destination = request.param("destination") || (query.destination ?? "");
  requireRegistryName(destination);
  const options = {
    all: query.all === true,
    format: listFormatOf(query.format, destination),
    compression: compressionOf(query),
    addCompression: query.addCompression,
    removeSignatures: query.removeSignatures,
  };
  const work = (tell?: (words: string) => void) =>
    withRequestImages(request, { tlsVerify: query.tlsVerify, tell }, (images) =>
      pushList(images, request.param("name"), destination, options),
    );
  return pushAnswer(work, {
    destination,
    quiet: query.quiet !== false,
    whole: ({ digest }) => json(200, { Id: digest }),
    last: ({ digest }) => ({ Id: digest }),
  });
};

/** Lists have no schema 1. */
function listFormatOf(format: string | undefined, destination: string): string | undefined {
  if (format === undefined || ["", "oci", "v2s2", "docker"].includes(format)) return formatOf(format);
  const because = `unknown format "${format}". Choose one of the supported formats: 'oci' or 'v2s2'`;
  throw new HttpError(400, `pushing image ${JSON.stringify(destination)}: ${because}`, { because });
}

/** `DELETE /libpod/manifests/{name}`; in version 3 it took one entry out, by `digest`. */
export const remove: Handler = async (request) => {
  const { ignore } = readQuery(request, { ignore: "bool" });
  const { engine } = request;
  const { reports, errors } = await removeLists(engine.images, [request.param("name")], { ignore });
  throwRemoval(errors);
  for (const { id, removed, untagged } of reports)
    if (removed) engine.events.write({ type: "image", status: "remove", id, name: untagged[0] ?? "" });
  return json(200, { ...removal(reports), ExitCode: 0, Errors: [] });
};

export const removeEntry: Handler = async (request) => {
  const { digest = "" } = readQuery(request, { digest: "string" });
  const { id } = findList(request);
  try {
    parseDigest(digest);
  } catch (error) {
    throw httpError(400, error);
  }
  await removeFromList(request.engine.images, id, digest);
  return json(200, { Id: id });
};

function requireName(name: string): void {
  try {
    normalizeName(name);
  } catch (error) {
    const reason = httpError(400, error);
    throw new HttpError(400, `invalid image name ${name}: ${reason.message}`, { because: reason.because, cause: error });
  }
}

function mapOf(value: string | undefined): Readonly<Record<string, string>> {
  if (value === undefined || value === "") return {};
  try {
    return decode(dictionary(text), value);
  } catch {
    return {};
  }
}
