import { parseDigest } from "@containers/common/digest/digest";
import { describeError, isErrorOfKind, wrapError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { normalizeName } from "@containers/image/local-images/normalize-name";
import { addToList } from "@containers/image/manifest-lists/add";
import { annotateEntry, annotateIndex, type EntryChanges, parseAnnotations } from "@containers/image/manifest-lists/annotate";
import { createList } from "@containers/image/manifest-lists/create";
import { memberDigest } from "@containers/image/manifest-lists/find-member";
import { inspectList } from "@containers/image/manifest-lists/inspect";
import { type ListRecord, requireList } from "@containers/image/manifest-lists/list-record";
import { pushList } from "@containers/image/manifest-lists/push";
import { removeFromList, removeLists } from "@containers/image/manifest-lists/remove";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { empty, json, jsonLines } from "../reply.ts";
import { withRequestImages } from "../request-images.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { toldStream } from "../streams/told-stream.ts";
import { decode, dictionary, flag, list, struct, text } from "../wire/go-object.ts";
import { readBody, readJson } from "./answers.ts";
import { compressionOf, formatOf, requireRegistryName } from "./image-transfer.ts";
import { removal, throwRemoval } from "./images.ts";

const texts = list(text);

const modification = struct("ManifestModifyOptions", {
  operation: text,
  images: texts,
  all: flag,
  annotation: texts,
  annotations: dictionary(text),
  arch: text,
  features: texts,
  os: text,
  os_features: texts,
  os_version: text,
  variant: text,
  index_annotation: texts,
  index_annotations: dictionary(text),
  subject: text,
});

type Modification = ReturnType<typeof modification>;

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

async function applyAtCreation(images: LocalImages, id: string, body: Modification): Promise<void> {
  const annotations = { ...body.index_annotations, ...readAnnotations(body.index_annotation ?? []) };
  const { subject } = body;
  if (Object.keys(annotations).length > 0 || subject) await annotateIndex(images, id, { annotations, subject });
  for (const member of body.images ?? []) await addMember(images, id, member, body);
}

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

/** `POST /libpod/manifests/{name}/add` of version 3. */
export const add: Handler = async (request) => {
  const { tlsVerify } = readQuery(request, { tlsVerify: "bool" });
  const body = await readJson(request, modification, { doing: "decoding AddV3 query" });
  const { id } = find(request);
  await withRequestImages(request, { tlsVerify }, async (images) => {
    for (const member of body.images ?? []) await addMember(images, id, member, body);
  });
  return json(200, { Id: id });
};

/** `PUT /libpod/manifests/{name}`: `update` adds, `remove` takes out, `annotate` says more of entries or of the whole. */
export const modify: Handler = async (request) => {
  const { tlsVerify } = readQuery(request, { tlsVerify: "bool" });
  const body = await readJson(request, modification, { doing: "decoding modify request" });
  const found = find(request);
  const operation = (body.operation ?? "").toLowerCase();
  if (operation !== "update" && operation !== "remove" && operation !== "annotate") {
    const message = `illegal operation ${JSON.stringify(body.operation ?? "")} for ${JSON.stringify(request.url)}`;
    throw new HttpError(400, message, { because: message });
  }
  for (const [one, other, key] of [
    [body.annotation, body.annotations, "Annotation"],
    [body.index_annotation, body.index_annotations, "IndexAnnotation"],
  ] as const) {
    if ((one ?? []).length > 0 && Object.keys(other ?? {}).length > 0) throw new HttpError(400, `can not set both ${key} and ${key}s`);
  }
  const done: string[] = [];
  const errors: string[] = [];
  await withRequestImages(request, { tlsVerify }, async (images) => {
    const targets = operation === "annotate" && (body.images ?? []).length === 0 ? [""] : (body.images ?? []);
    for (const target of targets) {
      try {
        await changeOne(images, { found, operation, target, body });
        if (target !== "") done.push(target);
      } catch (error) {
        errors.push(describeError(error));
      }
    }
  });
  const status = errors.length === 0 ? 200 : done.length > 0 ? 409 : 400;
  return json(status, {
    Id: found.id,
    ...(done.length === 0 ? {} : { images: done }),
    ...(errors.length === 0 ? {} : { errors }),
  });
};

interface Change {
  readonly found: ListRecord;
  readonly operation: "update" | "remove" | "annotate";
  readonly target: string;
  readonly body: Modification;
}

async function changeOne(images: LocalImages, { found, operation, target, body }: Change): Promise<void> {
  if (operation === "update") return addMember(images, found.id, target, body);
  if (operation === "remove") {
    parseDigest(target);
    return removeFromList(images, found.id, target);
  }
  if (target === "") {
    const annotations = { ...body.annotations, ...readAnnotations(body.annotation ?? []), ...body.index_annotations };
    return annotateIndex(images, found.id, {
      annotations: { ...annotations, ...readAnnotations(body.index_annotation ?? []) },
      subject: body.subject,
    });
  }
  try {
    return await annotateEntry(images, found.id, await memberDigest(images, found, target), entryChanges(body));
  } catch (error) {
    throw wrapError(`finding instance for ${JSON.stringify(target)}`, error);
  }
}

async function addMember(images: LocalImages, id: string, member: string, body: Modification): Promise<void> {
  const digest = await addToList(images, id, member, { all: body.all });
  await annotateEntry(images, id, digest, entryChanges(body));
}

function entryChanges(body: Modification): EntryChanges {
  return {
    annotations: { ...body.annotations, ...readAnnotations(body.annotation ?? []) },
    architecture: body.arch || undefined,
    features: body.features ?? [],
    os: body.os || undefined,
    osFeatures: body.os_features,
    osVersion: body.os_version || undefined,
    variant: body.variant || undefined,
  };
}

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
    format: formatOf(query.format),
    compression: compressionOf(query),
    addCompression: query.addCompression,
    removeSignatures: query.removeSignatures,
  };
  const work = (tell?: (words: string) => void) =>
    withRequestImages(request, { tlsVerify: query.tlsVerify, tell }, (images) =>
      pushList(images, request.param("name"), destination, options),
    );
  if (query.quiet !== false) {
    try {
      return json(200, { Id: (await work()).digest });
    } catch (error) {
      const reason = httpError(400, error);
      throw new HttpError(400, `pushing image ${JSON.stringify(destination)}: ${reason.message}`, {
        because: reason.because,
        cause: error,
      });
    }
  }
  return jsonLines(
    (async function* () {
      for await (const event of toldStream(work)) {
        if ("told" in event) yield JSON.stringify({ stream: event.told });
        else if ("result" in event) yield JSON.stringify({ Id: event.result.digest });
        else yield JSON.stringify({ error: describeError(event.error) });
      }
    })(),
  );
};

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
  const { id } = find(request);
  try {
    parseDigest(digest);
  } catch (error) {
    throw httpError(400, error);
  }
  await removeFromList(request.engine.images, id, digest);
  return json(200, { Id: id });
};

function find(request: ApiRequest): ListRecord {
  try {
    return requireList(request.engine.images, request.param("name"));
  } catch (error) {
    throw httpError(404, error);
  }
}

function requireName(name: string): void {
  try {
    normalizeName(name);
  } catch (error) {
    const reason = httpError(400, error);
    throw new HttpError(400, `invalid image name ${name}: ${reason.message}`, { because: reason.because, cause: error });
  }
}

function readAnnotations(entries: readonly string[]): Readonly<Record<string, string>> {
  try {
    return parseAnnotations(entries) ?? {};
  } catch {
    throw new HttpError(400, `invalid annotation ${entries.find((entry) => !entry.includes("=")) ?? ""}`);
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
