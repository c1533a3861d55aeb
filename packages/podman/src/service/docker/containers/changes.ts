import { changesBetween, containerChanges } from "../../../containers/changes.ts";
import { HttpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";

/** Docker's numbers. */
const KINDS = { C: 0, A: 1, D: 2 } as const;

/** `GET /containers/{name}/changes`. */
export const containerChangesRoute: Handler = async (request) => {
  const { parent, diffType = "" } = readQuery(request, { parent: "string", diffType: "string" });
  if (!["", "all", "container", "image"].includes(diffType)) throw new HttpError(400, `invalid diffType value ${JSON.stringify(diffType)}`);
  const name = request.param("name");
  if (diffType === "image") throw new HttpError(500, `${name} not found: ${name}: image not known`, { because: "image not known" });
  const missing = diffType === "container" ? "container not known" : "layer not known";
  if (request.engine.state.containers.resolve(name) === undefined)
    throw new HttpError(500, `${name} not found: ${missing}`, { because: missing });
  const changes = parent ? await changesBetween(request.engine, [name, parent]) : await containerChanges(request.engine, name);
  return json(200, changes.length === 0 ? null : changes.map(({ path, kind }) => ({ Path: path, Kind: KINDS[kind] })));
};
