import { describeError } from "@containers/common/errors/tool-error";
import type { VolumeRecord } from "../../state/state.ts";
import { pruneUnusedVolumes } from "../../system/prune.ts";
import { createVolume } from "../../volumes/create.ts";
import { describeVolume } from "../../volumes/inspect.ts";
import { listVolumes } from "../../volumes/list.ts";
import { removeVolumes } from "../../volumes/remove.ts";
import { HttpError, withContext, withStatuses } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { Handler } from "../route.ts";
import { readBody } from "../wire/read-body.ts";
import { volumeCreateSchema } from "../wire/stores.ts";
import { filterTexts } from "./containers/prune.ts";

/** Volumes, for Docker's clients. */

function volumeJson(volume: VolumeRecord): Record<string, unknown> {
  const { Mountpoint } = describeVolume(volume);
  return {
    // Whole seconds.
    CreatedAt: volume.createdAt.replace(/\.\d+/, ""),
    Driver: volume.driver,
    Labels: volume.labels,
    Mountpoint,
    Name: volume.name,
    Options: volume.options,
    Scope: "local",
  };
}

/** `GET /volumes`. */
export const listVolumesRoute: Handler = (request) => {
  const filters = filterTexts(request);
  if (filters.some((text) => text.startsWith("opts="))) throw new HttpError(500, "unsupported libpod filters passed to docker endpoint");
  return json(200, { Volumes: listVolumes(request.engine, filters).map(volumeJson), Warnings: [] });
};

/** `POST /volumes/create`: one that is there already is the answer. */
export const createVolumeRoute: Handler = async (request) => {
  const body = await readBody(request, volumeCreateSchema, { context: "Decode()", type: "volume.CreateOptions" });
  const existed = Boolean(body.Name) && request.engine.state.volumes.get(body.Name ?? "") !== undefined;
  const volume = await withStatuses({ "not-found": 500 }, () =>
    createVolume(request.engine, {
      ...(body.Name ? { name: body.Name } : {}),
      driver: body.Driver || "local",
      labels: body.Labels ?? {},
      options: body.DriverOpts ?? {},
      ignore: true,
    }),
  );
  // As the original has it: a new volume without options has none, one that was there has an empty set of them.
  return json(201, existed || Object.keys(volume.options).length > 0 ? volumeJson(volume) : { ...volumeJson(volume), Options: null });
};

/** `GET /volumes/{name}`: the whole name. */
export const inspectVolumeRoute: Handler = ({ engine, param }) => {
  const volume = engine.state.volumes.get(param("name"));
  if (volume === undefined) throw new HttpError(404, "no such volume");
  return json(200, volumeJson(volume));
};

/** `DELETE /volumes/{name}`: with force a missing one is no error; it never removes containers. */
export const removeVolumeRoute: Handler = async (request) => {
  const { engine } = request;
  const { force } = readQuery(request, { force: "bool", timeout: "int" }, { status: 500 });
  const name = request.param("name");
  if (engine.state.volumes.resolve(name) === undefined) {
    if (force === true) return empty();
    throw new HttpError(404, `no volume with name ${JSON.stringify(name)} found: no such volume`, { because: "no such volume" });
  }
  await withStatuses({ "in-use": 409 }, async () => {
    const [report] = await removeVolumes(engine, [name]);
    if (report?.error !== undefined) throw report.error;
  });
  return empty();
};

/** `POST /volumes/prune`. */
export const pruneVolumesRoute: Handler = async (request) => {
  const filters = filterTexts(request, { context: "Decode()" });
  const query = filters.map((text) => encodeURIComponent(text).replace("%3D", "=")).join("&");
  const { gone, reclaimed, errors } = await withContext(`failed to parse filters for ${query}`, () =>
    pruneUnusedVolumes(request.engine, filters),
  );
  if (errors.length > 0) throw new HttpError(500, errors.map((error) => `${describeError(error)}; `).join(""));
  return json(200, { VolumesDeleted: gone, SpaceReclaimed: reclaimed });
};
