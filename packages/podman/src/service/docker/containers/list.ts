import { containerSize } from "../../../containers/listing/container-size.ts";
import { listContainers } from "../../../containers/listing/list.ts";
import { withStatuses } from "../../errors-to-http.ts";
import { readFilters, readQuery } from "../../query.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { containerSummary } from "./container-json.ts";

/** `GET /containers/json`. */
export const listContainersRoute: Handler = async (request) => {
  const { engine } = request;
  const filters = readFilters(request, { context: `failed to decode filter parameters for ${request.url}` });
  const { all, limit = 0, size } = readQuery(request, { all: "bool", limit: "int", size: "bool" }, { status: 500 });
  const listed = await withStatuses({ "not-found": 500 }, () => listContainers(engine, { all: all === true || limit > 0, filters }));
  const shown = all === true || limit > 0 || filters["status"] !== undefined ? listed : listed.filter(({ status }) => status === "running");
  const chosen = limit > 0 ? shown.slice(-limit).reverse() : shown;
  const summaries = await Promise.all(
    chosen.map(async ({ id }) => {
      const container = engine.state.containers.get(id);
      if (container === undefined) return undefined;
      return containerSummary(engine, container, size === true ? await containerSize(engine, id) : undefined);
    }),
  );
  return json(
    200,
    summaries.filter((summary) => summary !== undefined),
  );
};
