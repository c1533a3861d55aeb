import { describeError } from "@containers/common/errors/tool-error";
import { pruneContainers } from "../../../system/prune.ts";
import { HttpError } from "../../errors-to-http.ts";
import { type QueryOptions, readFilters } from "../../query.ts";
import { json } from "../../reply.ts";
import type { ApiRequest, Handler } from "../../route.ts";

/** `POST /containers/prune`. */
export const pruneContainersRoute: Handler = async (request) => {
  const { gone, reclaimed, errors } = await pruneContainers(request.engine, filterTexts(request));
  if (errors.length > 0) throw new HttpError(500, errors.map((error) => `${describeError(error)}; `).join(""));
  return json(200, { ContainersDeleted: gone.length === 0 ? null : gone, SpaceReclaimed: reclaimed });
};

/** The filters as the command line writes them; `options` say what is answered to what cannot be read. */
export function filterTexts(request: ApiRequest, options: QueryOptions = {}): string[] {
  return Object.entries(readFilters(request, options)).flatMap(([key, values]) => values.map((value) => `${key}=${value}`));
}
