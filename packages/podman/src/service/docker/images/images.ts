import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { imageHistory } from "@containers/image/local-images/history";
import { inspectImage } from "@containers/image/local-images/inspect";
import { type ImageListing, listImages } from "@containers/image/local-images/list";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { splitName } from "@containers/image/registries-conf/alias-name";
import { pruneUnused, removeByName, tagByName } from "../../../images/image-deeds.ts";
import { HttpError, httpError, withContext, withStatuses } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { empty, json } from "../../reply.ts";
import { withRequestImages } from "../../request-images.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { isAtLeast } from "../../streams/stream-type.ts";
import { searchRow } from "../../wire/search-row.ts";
import { filterTexts } from "../containers/prune.ts";
import { dockerImageName } from "./docker-image-name.ts";

/** Images of the store, for Docker's clients. */

/** `GET /images/json`. */
export const listImagesRoute: Handler = async (request) => {
  const { engine } = request;
  const query = readQuery(request, { all: "bool", digests: "bool", filter: "string", "shared-size": "bool" });
  // As the original has it: nothing at all.
  if (query.digests === true) return empty(200);
  const filters = [...filterTexts(request, { context: "" }), ...(query.filter ? [`reference=${query.filter}`] : []), "manifest=false"];
  const listings = await withStatuses({ "not-found": 500 }, () =>
    listImages(engine.images, {
      all: query.all === true,
      filters,
      isExternalContainer: (id) => engine.state.containers.get(id) === undefined,
    }),
  );
  const old = request.version !== undefined && !isAtLeast(request.version, [1, 44]);
  return json(
    200,
    listings.map((image) => summary(image, { old, sharedSize: query["shared-size"] === true })),
  );
};

function summary(image: ImageListing, { old, sharedSize }: { old: boolean; sharedSize: boolean }): Record<string, unknown> {
  return {
    Id: `sha256:${image.id}`,
    ParentId: image.parentId,
    RepoTags: image.names.filter((name) => splitName(name).tag !== undefined),
    RepoDigests: image.repoDigests,
    Created: Math.floor(Date.parse(image.created) / 1000),
    Size: image.size,
    SharedSize: sharedSize ? 0 : -1,
    ...(old ? { VirtualSize: image.size } : {}),
    Labels: image.labels ?? null,
    Containers: image.containers,
    ...(image.readOnly ? { ReadOnly: true } : {}),
    ...(image.dangling ? { Dangling: true } : {}),
    ...(image.digest === "" ? {} : { Digest: image.digest }),
    ...(image.namesHistory.length === 0 ? {} : { History: image.namesHistory }),
    ...(image.names.length === 0 ? {} : { Names: image.names }),
  };
}

/** The full name, when there is such an image here; 404 in the original's words when not. */
export async function localName(request: ApiRequest, name: string, shown = name): Promise<string> {
  const full = await withContext("normalizing image", () => dockerImageName(request.engine, name));
  if (resolveLocalImage(request.engine.images, full, { manifestList: "list-without-instance" }) !== undefined) return full;
  throw new HttpError(404, `failed to find image ${shown}: ${full}: image not known`, { because: "image not known" });
}

/** `GET /images/{name}/json`. docker-py looks for `No such image` in the message. */
export const inspectImageRoute: Handler = async (request) => {
  const name = request.param("name");
  const full = await withContext("normalizing image", () => dockerImageName(request.engine, name));
  if (resolveLocalImage(request.engine.images, full) === undefined)
    throw new HttpError(404, `failed to find image ${name}: ${full}: No such image`);
  const found = await inspectImage(request.engine.images, full);
  const before = (minor: number): boolean => request.version !== undefined && !isAtLeast(request.version, [1, minor]);
  const { Config: config } = found;
  return json(200, {
    Id: `sha256:${found.Id}`,
    RepoTags: found.RepoTags,
    RepoDigests: found.RepoDigests,
    Parent: found.Parent,
    Comment: found.Comment,
    Created: found.Created ?? "0001-01-01T00:00:00Z",
    ...(request.version === undefined || before(45)
      ? { ContainerConfig: containerConfig(found.Id, config.Volumes ?? (isDockers(found.ManifestType) ? {} : null)) }
      : {}),
    DockerVersion: found.Version,
    Author: found.Author,
    Config: {
      User: found.User || undefined,
      ExposedPorts: config.ExposedPorts,
      Env: config.Env,
      Entrypoint: config.Entrypoint,
      Cmd: config.Cmd,
      Volumes: config.Volumes,
      WorkingDir: config.WorkingDir,
      Labels: found.Labels ?? undefined,
      StopSignal: config.StopSignal,
    },
    Architecture: found.Architecture,
    Os: found.Os,
    ...(found.Version === "" ? {} : { OsVersion: found.Version }),
    Size: found.Size,
    ...(before(44) ? { VirtualSize: found.VirtualSize } : {}),
    GraphDriver: { Data: found.GraphDriver.Data, Name: found.GraphDriver.Name },
    RootFS: found.RootFS,
    Metadata: { LastTagTime: "0001-01-01T00:00:00Z" },
  });
};

/** Docker's own images have an empty set of volumes where others have none. */
function isDockers(manifestType: string): boolean {
  return manifestType.includes("docker");
}

/** As much of a container's configuration as compose looks for. */
function containerConfig(id: string, volumes: unknown): Record<string, unknown> {
  return {
    Hostname: id.slice(0, 11),
    Domainname: "",
    User: "",
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Image: "",
    Volumes: volumes,
    WorkingDir: "",
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
  };
}

/** `GET /images/{name}/history`. */
export const imageHistoryRoute: Handler = async (request) => {
  const full = await withContext("normalizing image", () => dockerImageName(request.engine, request.param("name")));
  const entries = await imageHistory(request.engine.images, await localName(request, request.param("name"), full));
  return json(
    200,
    entries.map(({ id, created, createdBy, tags, size, comment }) => ({
      Id: `sha256:${id}`,
      Created: created === undefined ? 0 : Math.floor(Date.parse(created) / 1000),
      CreatedBy: createdBy,
      Tags: tags.length === 0 ? null : tags,
      Size: size,
      Comment: comment,
    })),
  );
};

/** `POST /images/{name}/tag?repo=…&tag=…`. */
export const tagImageRoute: Handler = async (request) => {
  const { engine } = request;
  const { repo = "", tag } = readQuery(request, { repo: "string", tag: "string" });
  const name = await localName(request, request.param("name"));
  if (repo === "") throw new HttpError(400, "repo parameter is required to tag an image");
  const full = await withContext("normalizing image", () => dockerImageName(engine, `${repo}:${tag || "latest"}`));
  tagByName({ engine, images: engine.images }, name, [full]);
  return { status: 201, headers: { "Content-Type": "text/plain; charset=us-ascii" }, body: "\n" };
};

/** `DELETE /images/{name}`. */
export const removeImageRoute: Handler = async (request) => {
  const { engine } = request;
  const query = readQuery(request, { force: "bool", noprune: "bool", ignore: "bool" });
  const name = request.param("name");
  const full =
    query.ignore === true ? await withContext("normalizing image", () => dockerImageName(engine, name)) : await localName(request, name);
  const { reports, errors } = await removeByName({ engine, images: engine.images }, [full], {
    force: query.force === true,
    noPrune: query.noprune === true,
    ignore: query.ignore === true,
  });
  const [error] = errors;
  if (error !== undefined) throw removalError(name, error);
  return json(200, [
    ...reports.filter(({ removed }) => removed).map(({ id }) => ({ Deleted: id })),
    ...reports.flatMap(({ untagged }) => untagged.map((text) => ({ Untagged: text }))),
  ]);
};

function removalError(name: string, error: unknown): HttpError {
  const { message } = httpError(500, error);
  if (isErrorOfKind(error, "in-use"))
    return new HttpError(409, `image ${name} is in use: ${message}`, { because: "image is in use by a container" });
  if (isErrorOfKind(error, "invalid-state"))
    return new HttpError(409, `image ${name} is in an invalid state: ${message}`, { because: "container state improper" });
  return httpError(isErrorOfKind(error, "not-found") ? 404 : 500, error);
}

/** `POST /images/prune`. */
export const pruneImagesRoute: Handler = async (request) => {
  const { engine } = request;
  const removed = await pruneUnused({ engine, images: engine.images }, { filters: filterTexts(request) });
  return json(200, {
    ImagesDeleted: removed.filter((report) => report.removed).map(({ id }) => ({ Deleted: id })),
    SpaceReclaimed: removed.reduce((sum, { size }) => sum + size, 0),
  });
};

/** `GET /images/search?term=…`. */
export const searchImagesRoute: Handler = async (request) => {
  const query = readQuery(request, { term: "string", limit: "int", tlsVerify: "bool", listTags: "bool" });
  const { term = "", limit, tlsVerify, listTags } = query;
  const { searchImages } = await import("@containers/image/local-images/search");
  const options = { limit, filters: filterTexts(request), listTags: listTags === true, signal: request.signal };
  const found = await withRequestImages(request, { tlsVerify }, (images) => searchImages(term, images.registry, options)).catch(
    (error: unknown) => {
      throw error instanceof HttpError ? error : new HttpError(500, describeError(error));
    },
  );
  if (found.length === 0) throw new HttpError(404, "image not known");
  return json(
    200,
    found.map((one) => ({
      ...searchRow(one),
      name: one.name,
      description: one.description,
      star_count: one.stars,
      is_official: one.official,
      is_automated: one.automated,
    })),
  );
};
