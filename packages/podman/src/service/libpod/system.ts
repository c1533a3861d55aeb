import { existsSync } from "node:fs";
import { systemUsageDetails } from "../../system/df-details.ts";
import { systemInfo } from "../../system/info.ts";
import { pruneSystem } from "../../system/prune.ts";
import { HttpError } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { json } from "../reply.ts";
import type { Handler } from "../route.ts";
import { filterTexts } from "./answers.ts";

/** `GET /libpod/info`: with the socket that this service has. */
export const info: Handler = async ({ engine, endpoint }) => {
  const { host, ...rest } = await systemInfo(engine);
  const exists = endpoint?.startsWith("unix://") === true ? existsSync(endpoint.slice("unix://".length)) : true;
  return json(200, { host: endpoint === undefined ? host : { ...host, remoteSocket: { path: endpoint, exists } }, ...rest });
};

export const diskUsage: Handler = async ({ engine }) => json(200, await systemUsageDetails(engine));

/** `POST /libpod/system/prune`. */
export const prune: Handler = async (request) => {
  const {
    all = false,
    volumes = false,
    external,
    build = false,
  } = readQuery(request, {
    all: "bool",
    volumes: "bool",
    external: "bool",
    build: "bool",
  });
  const filters = filterTexts(readFilters(request, { status: 400 }));
  if (external === true && (all || volumes || build || filters.length > 0))
    throw new HttpError(500, "system prune --external cannot be combined with other options");
  const report = await pruneSystem(request.engine, { all, build, volumes, external, filters });
  const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);
  return json(200, {
    PodPruneReport: orNull(report.pods.map((Id) => ({ Err: null, Id }))),
    ContainerPruneReports: orNull(report.containers.map((Id) => ({ Id, Size: report.sizes.get(Id) ?? 0 }))),
    ImagePruneReports: orNull(report.images.map((Id) => ({ Id, Size: report.sizes.get(Id) ?? 0 }))),
    NetworkPruneReports: orNull(report.networks.map((Name) => ({ Name, Error: null }))),
    VolumePruneReports: orNull(report.volumes.map((Id) => ({ Id, Size: report.sizes.get(Id) ?? 0 }))),
    ReclaimedSpace: report.reclaimed,
  });
};
