import { parseDigest } from "@containers/common/digest/digest";
import { describeError, wrapError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { addToList } from "@containers/image/manifest-lists/add";
import { annotateEntry, annotateIndex, type EntryChanges, parseAnnotations } from "@containers/image/manifest-lists/annotate";
import { memberDigest } from "@containers/image/manifest-lists/find-member";
import { type ListRecord, requireList } from "@containers/image/manifest-lists/list-record";
import { removeFromList } from "@containers/image/manifest-lists/remove";
import { HttpError, httpError } from "../errors-to-http.ts";
import { multipartBoundary, multipartParts } from "../http/multipart.ts";
import { readQuery } from "../query.ts";
import { json } from "../reply.ts";
import { withRequestImages } from "../request-images.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { dictionary, flag, list, struct, text } from "../wire/go-object.ts";
import { readJson } from "./answers.ts";
import { addUploadedArtifact, readFirstPart } from "./manifest-artifacts.ts";

const texts = list(text);

export const modification = struct("entities.ManifestModifyOptions", {
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
  artifact_type: text,
  artifact_config_type: text,
  artifact_config: text,
  artifact_layer_type: text,
  artifact_exclude_titles: flag,
  artifact_subject: text,
  artifact_annotations: dictionary(text),
});

export type Modification = ReturnType<typeof modification>;

export async function applyAtCreation(images: LocalImages, id: string, body: Modification): Promise<void> {
  const annotations = { ...body.index_annotations, ...readAnnotations(body.index_annotation ?? []) };
  const { subject } = body;
  if (Object.keys(annotations).length > 0 || subject) await annotateIndex(images, id, { annotations, subject });
  for (const member of body.images ?? []) await addMember(images, id, member, body);
}

/** `POST /libpod/manifests/{name}/add` of version 3. */
export const add: Handler = async (request) => {
  const { tlsVerify } = readQuery(request, { tlsVerify: "bool" });
  const body = await readJson(request, modification, { doing: "decoding AddV3 query" });
  const { id } = findList(request);
  await withRequestImages(request, { tlsVerify }, async (images) => {
    for (const member of body.images ?? []) await addMember(images, id, member, body);
  });
  return json(200, { Id: id });
};

/**
 * `PUT /libpod/manifests/{name}`: `update` adds, `remove` takes out, `annotate` says more of entries or of the whole. A form brings files besides, of
 * which `update` makes an artifact.
 */
export const modify: Handler = async (request) => {
  const { tlsVerify } = readQuery(request, { tlsVerify: "bool" });
  const refusal = { doing: "decoding modify request" };
  const form = multipartBoundary(request.header("content-type") ?? "");
  const parts = form === undefined ? undefined : multipartParts(request.body, form);
  const body = parts === undefined ? await readJson(request, modification, refusal) : await readFirstPart(parts, refusal);
  const found = findList(request);
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
  let files: readonly string[] = [];
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
    if (parts === undefined || operation !== "update" || errors.length > 0) return;
    try {
      files = await addUploadedArtifact(images, { id: found.id, body, changes: entryChanges(body) }, parts);
    } catch (error) {
      errors.push(describeError(error));
    }
  });
  const status = errors.length === 0 ? 200 : done.length > 0 ? 409 : 400;
  return json(status, {
    Id: found.id,
    ...(done.length === 0 ? {} : { images: done }),
    ...(files.length === 0 ? {} : { files }),
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

export function findList(request: ApiRequest): ListRecord {
  try {
    return requireList(request.engine.images, request.param("name"));
  } catch (error) {
    throw httpError(404, error);
  }
}

export function readAnnotations(entries: readonly string[]): Readonly<Record<string, string>> {
  try {
    return parseAnnotations(entries) ?? {};
  } catch {
    throw new HttpError(400, `invalid annotation ${entries.find((entry) => !entry.includes("=")) ?? ""}`);
  }
}
