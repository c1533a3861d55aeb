import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { describeError } from "@containers/common/errors/tool-error";
import { checkSystem, isDamaged } from "../../system/check.ts";
import { HttpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";

/** `POST /libpod/system/check`. */
export const check: Handler = async (request) => {
  const query = readQuery(request, { quick: "bool", repair: "bool", repair_lossy: "bool", unreferenced_layer_max_age: "string" });
  const report = await checkSystem(request.engine, {
    quick: query.quick,
    unreferencedAge: ageOf(request, query.unreferenced_layer_max_age),
    repair: query.repair,
    force: query.repair_lossy,
  });
  const { layers, images, containers } = report.check;
  return json(200, {
    Errors: isDamaged(report.check),
    Layers: orNull(layers),
    ROLayers: null,
    RemovedLayers: null,
    Images: orNull(images),
    ROImages: null,
    RemovedImages: orNull(Object.fromEntries(report.removedImages.map((id) => [id, []]))),
    Containers: orNull(containers),
    RemovedContainers: orNull(Object.fromEntries(report.removedContainers.map((id) => [id, ""]))),
  });
};

function orNull<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> | null {
  return Object.keys(entries).length === 0 ? null : entries;
}

function ageOf({ url }: Pick<ApiRequest, "url">, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return parseDuration(text);
  } catch (error) {
    const because = describeError(error);
    const message = `failed to parse unreferenced_layer_max_age parameter ${JSON.stringify(text)} for ${url}: ${because}`;
    throw new HttpError(400, message, { because, cause: error });
  }
}
