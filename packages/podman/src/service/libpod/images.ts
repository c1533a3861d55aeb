import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { imageChanges } from "@containers/image/local-images/diff";
import { imageHistory } from "@containers/image/local-images/history";
import { inspectImage } from "@containers/image/local-images/inspect";
import { listImages } from "@containers/image/local-images/list";
import { removeExitCode } from "@containers/image/local-images/remove";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { imageTree } from "@containers/image/local-images/tree";
import { resolveShortName } from "@containers/image/registries-conf/short-names";
import { drawTree } from "../../images/draw-tree.ts";
import { pruneUnused, removeByName, tagByName, untagByName } from "../../images/image-deeds.ts";
import { HttpError, httpError, withStatuses } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { filterTexts, line } from "./answers.ts";
import { imageListingJson } from "./image-json.ts";

export const listAll: Handler = async (request) => {
  const { all, digests } = readQuery(request, { all: "bool", digests: "bool" });
  if (digests === true) return empty(200);
  const { engine } = request;
  const filters = filterTexts(readFilters(request, { context: "" }));
  const listed = await withStatuses({ "not-found": 500 }, () =>
    listImages(engine.images, { all, filters, isExternalContainer: (id) => engine.state.containers.get(id) === undefined }),
  );
  return json(200, listed.map(imageListingJson));
};

export const inspect: Handler = async (request) =>
  json(200, await found(request, () => inspectImage(request.engine.images, name(request)), { unreadable: 404 }));

export const exists: Handler = async (request) => {
  await found(request, async () => resolveLocalImage(request.engine.images, name(request)), { unreadable: 404 });
  if (resolveLocalImage(request.engine.images, name(request)) === undefined)
    throw new HttpError(404, `failed to find image ${name(request)}`, { because: `failed to find image ${name(request)}` });
  return empty();
};

export const tree: Handler = async (request) => {
  const { whatrequires = false } = readQuery(request, { whatrequires: "bool" });
  const shown = await found(request, () => imageTree(request.engine.images, name(request), { whatRequires: whatrequires }), {
    context: "failed to generate image tree for",
  });
  // The command line ends it with an empty line.
  return json(200, { Tree: drawTree(shown, whatrequires).replace(/\n$/, "") });
};

export const history: Handler = async (request) => {
  const entries = await found(request, () => imageHistory(request.engine.images, name(request)));
  return json(
    200,
    entries.map(({ id, created, createdBy, tags, size, comment }) => ({
      Id: id,
      Created: created === undefined ? -62135596800 : Math.floor(Date.parse(created) / 1000),
      CreatedBy: createdBy,
      Tags: tags.length === 0 ? null : tags,
      Size: size,
      Comment: comment,
    })),
  );
};

const KINDS = { C: 0, A: 1, D: 2 } as const;

/** `GET /libpod/images/{name}/changes`: kinds are numbers, as Docker has them. */
export const changes: Handler = async (request) => {
  const { parent } = readQuery(request, { parent: "string" });
  try {
    const list = await imageChanges(request.engine.images, name(request), parent || undefined);
    return json(
      200,
      list.map(({ kind, path }) => ({ Path: path, Kind: KINDS[kind] })),
    );
  } catch (error) {
    if (isErrorOfKind(error, "not-found") || isErrorOfKind(error, "invalid-argument"))
      throw new HttpError(500, `${name(request)} not found: layer not known`, { because: "layer not known" });
    throw error;
  }
};

/** `GET /libpod/images/{name}/resolve`: the full names that a short one may mean. */
export const resolve: Handler = (request) => {
  try {
    const { candidates } = resolveShortName(name(request), request.engine.images.registry);
    return json(200, { Names: candidates.map((candidate) => candidate.toString()) });
  } catch (error) {
    const { message, because } = httpError(400, error);
    throw new HttpError(400, `resolving ${JSON.stringify(name(request))}: ${message}`, {
      ...(because === undefined ? {} : { because }),
      cause: error,
    });
  }
};

export const tag: Handler = async (request) => {
  const { repo = "", tag: wanted = "" } = readQuery(request, { repo: "string", tag: "string" });
  const { engine } = request;
  if (resolveLocalImage(engine.images, name(request)) === undefined) throw unknown(request);
  if (repo === "") throw new HttpError(400, "repo parameter is required to tag an image");
  try {
    tagByName({ engine, images: engine.images }, name(request), [`${repo}:${wanted || "latest"}`]);
  } catch (error) {
    throw httpError(500, error);
  }
  return line(201, "");
};

export const untag: Handler = async (request) => {
  const { repo = "", tag: wanted = "" } = readQuery(request, { repo: "string", tag: "string" });
  if (repo === "" && wanted !== "") throw new HttpError(400, "repo parameter is required to tag an image");
  const tags = repo === "" ? [] : [`${repo}:${wanted || "latest"}`];
  const { engine } = request;
  if (resolveLocalImage(engine.images, name(request)) === undefined) throw unknown(request);
  try {
    untagByName({ engine, images: engine.images }, name(request), tags);
  } catch (error) {
    throw httpError(500, error);
  }
  return line(201, "");
};

export const removeSeveral: Handler = async (request) => {
  const query = readQuery(request, {
    all: "bool",
    force: "bool",
    ignore: "bool",
    lookupManifest: "bool",
    images: "strings",
    noprune: "bool",
  });
  const { engine } = request;
  const { reports, errors } = await removeByName({ engine, images: engine.images }, query.images, {
    all: query.all,
    force: query.force,
    ignore: query.ignore,
    noPrune: query.noprune,
    ...(query.lookupManifest === true ? { manifestList: "list" as const } : {}),
  });
  return json(200, {
    ...removal(reports),
    ExitCode: removeExitCode(errors),
    Errors: errors.length === 0 ? null : errors.map(describeError),
  });
};

export const remove: Handler = async (request) => {
  const query = readQuery(request, { force: "bool", ignore: "bool", lookupManifest: "bool" });
  const { engine } = request;
  const { reports, errors } = await removeByName({ engine, images: engine.images }, [name(request)], {
    force: query.force,
    ignore: query.ignore,
    ...(query.lookupManifest === true ? { manifestList: "list" as const } : {}),
  });
  throwRemoval(errors);
  return json(200, { ...removal(reports), ExitCode: 0, Errors: [] });
};

export const prune: Handler = async (request) => {
  const query = readQuery(request, { all: "bool", external: "bool", buildcache: "bool" }, { status: 500 });
  if (query.buildcache === true) throw new HttpError(500, "buildcache is not supported yet");
  const {
    dangling: _,
    all: allFilter,
    ...filters
  } = readFilters(request, { context: `failed to decode filter parameters for ${request.url}` });
  const { engine } = request;
  const removed = await pruneUnused(
    { engine, images: engine.images },
    {
      all: allFilter?.[0] === undefined ? query.all : allFilter[0] === "true",
      external: query.external,
      filters: filterTexts(filters),
    },
  );
  return json(
    200,
    removed.map(({ id, size }) => ({ Id: id, Size: size })),
  );
};

/** What is done to an image that is not there answers 404 with the original's words. */
async function found<T>(
  request: ApiRequest,
  deed: () => Promise<T>,
  { unreadable = 500, context = "failed to find image" }: { readonly unreadable?: number; readonly context?: string } = {},
): Promise<T> {
  try {
    return await deed();
  } catch (error) {
    if (isErrorOfKind(error, "invalid-argument")) {
      const { message, because } = httpError(unreadable, error);
      throw new HttpError(unreadable, `${context} ${name(request)}: ${message}`, because === undefined ? {} : { because });
    }
    if (isErrorOfKind(error, "not-found") && describeError(error).endsWith("image not known")) throw unknown(request);
    throw error;
  }
}

function unknown(request: ApiRequest): HttpError {
  return new HttpError(404, `failed to find image ${name(request)}: ${name(request)}: image not known`, { because: "image not known" });
}

/** 404 for what is not there, 409 for what is in use. */
export function throwRemoval(errors: readonly unknown[]): void {
  const [first] = errors;
  if (first === undefined) return;
  const status = { 1: 404, 2: 409 }[removeExitCode(errors)] ?? 500;
  const reason = httpError(status, first);
  const because = status === 409 ? "image is in use by a container" : reason.because;
  if (errors.length === 1) throw new HttpError(status, reason.message, { because, cause: first });
  throw new HttpError(status, `${errors.length} errors occurred:${errors.map((error) => `\n\t* ${describeError(error)}`).join("")}\n\n`);
}

/** Lists that are empty are left out. */
export function removal(reports: readonly { readonly id: string; readonly removed: boolean; readonly untagged: readonly string[] }[]) {
  const deleted = reports.filter((report) => report.removed).map(({ id }) => id);
  const untagged = reports.flatMap((report) => report.untagged);
  return { ...(deleted.length === 0 ? {} : { Deleted: deleted }), ...(untagged.length === 0 ? {} : { Untagged: untagged }) };
}

function name(request: ApiRequest): string {
  return request.param("name");
}
