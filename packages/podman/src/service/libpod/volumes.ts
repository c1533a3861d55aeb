import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { VolumeRecord } from "../../state/state.ts";
import { createVolume } from "../../volumes/create.ts";
import { describeVolume, resolveVolume, withStatus } from "../../volumes/inspect.ts";
import { listVolumes } from "../../volumes/list.ts";
import { pruneVolumes, removeVolumes } from "../../volumes/remove.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { bytes, empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { dictionary, flag, struct, text, whole } from "../wire/go-object.ts";
import { errorText, filterTexts, readJson } from "./answers.ts";

const creation = struct("types.VolumeCreateOptions", {
  Name: text,
  Driver: text,
  Label: dictionary(text),
  Labels: dictionary(text),
  Options: dictionary(text),
  IgnoreIfExists: flag,
  UID: whole,
  GID: whole,
});

export const create: Handler = async (request) => {
  const body = await readJson(request, creation, { doing: "Decode()" });
  try {
    const volume = await createVolume(request.engine, {
      ...(body.Name === undefined || body.Name === "" ? {} : { name: body.Name }),
      ...(body.Driver === undefined || body.Driver === "" ? {} : { driver: body.Driver }),
      labels: { ...body.Label, ...body.Labels },
      options: body.Options ?? {},
      ignore: body.IgnoreIfExists,
      uid: body.UID,
      gid: body.GID,
    });
    return json(201, describeVolume(volume));
  } catch (error) {
    throw httpError(500, error);
  }
};

export const inspect: Handler = async (request) => json(200, describeVolume(await withStatus(request.engine, find(request))));

export const exists: Handler = ({ engine, param }) => {
  if (engine.state.volumes.get(param("name")) === undefined) throw new HttpError(404, "no such volume");
  return empty();
};

export const listAll: Handler = (request) => json(200, listVolumes(request.engine, filterTexts(readFilters(request))).map(describeVolume));

export const remove: Handler = async (request) => {
  const { force, timeout } = readQuery(request, { force: "bool", timeout: "int" }, { status: 500 });
  const { name } = resolveVolume(request.engine, request.param("name"));
  const [report] = await removeVolumes(request.engine, [name], { force, timeout });
  if (report?.error !== undefined) throw httpError(isErrorOfKind(report.error, "in-use") ? 409 : 500, report.error);
  return empty();
};

/** `GET /libpod/volumes/{name}/export`: the files as an archive. */
export const exportFiles: Handler = async (request) => {
  const { name } = find(request);
  const { exportVolume } = await import("../../volumes/transfer.ts");
  return bytes(exportVolume(request.engine, name));
};

/** `POST /libpod/volumes/{name}/import`: the body is the archive. */
export const importFiles: Handler = async (request) => {
  const { name } = find(request);
  if (request.body.isEmpty) return empty();
  const { importVolume } = await import("../../volumes/transfer.ts");
  try {
    await importVolume(request.engine, name, request.body);
  } catch (error) {
    throw httpError(500, error);
  }
  return empty();
};

/** The size is that of what was in it. */
export const prune: Handler = async (request) => {
  const { treeSize } = await import("../../system/tree-size.ts");
  const filters = filterTexts(readFilters(request, { context: "" }));
  const sizes = new Map(listVolumes(request.engine, filters).map(({ name, mountPoint }) => [name, treeSize(mountPoint)]));
  const reports = await pruneVolumes(request.engine, filters);
  return json(
    200,
    reports.map(({ reference, error }) => ({
      Id: reference,
      ...(error === undefined ? {} : { Err: errorText(error) }),
      Size: error === undefined ? (sizes.get(reference) ?? 0) : 0,
    })),
  );
};

function find({ engine, param }: ApiRequest): VolumeRecord {
  const volume = engine.state.volumes.get(param("name"));
  if (volume === undefined) throw new HttpError(404, "no such volume");
  return volume;
}
