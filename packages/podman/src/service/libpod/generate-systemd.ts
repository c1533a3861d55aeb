import { generateUnits } from "../../systemd/generate/generate-units.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { json } from "../reply.ts";
import type { Handler } from "../route.ts";

/** `GET /libpod/generate/{name}/systemd`: units by name. */
export const generateSystemd: Handler = async (request) => {
  const { engine } = request;
  const query = readQuery(request, {
    useName: "bool",
    new: "bool",
    noHeader: "bool",
    templateUnitFile: "bool",
    restartPolicy: "string",
    restartSec: "int",
    stopTimeout: "int",
    startTimeout: "int",
    containerPrefix: "string",
    podPrefix: "string",
    separator: "string",
    wants: "strings",
    after: "strings",
    requires: "strings",
    additionalEnvVariables: "strings",
  });
  try {
    const units = await generateUnits(engine, request.param("name"), {
      name: query.useName === true,
      new: query.new === true,
      template: query.templateUnitFile === true,
      header: query.noHeader !== true,
      containerPrefix: query.containerPrefix ?? "container",
      podPrefix: query.podPrefix ?? "pod",
      separator: query.separator ?? "-",
      env: query.additionalEnvVariables,
      dependencies: { Wants: query.wants, After: query.after, Requires: query.requires },
      executable: process.execPath,
      now: new Date(),
      stopTimeout: query.stopTimeout ?? engine.defaults.stopTimeout,
      ...(query.restartPolicy === undefined ? {} : { restartPolicy: query.restartPolicy }),
      ...(query.restartSec ? { restartSec: query.restartSec } : {}),
      ...(query.startTimeout ? { startTimeout: query.startTimeout } : {}),
    });
    return json(200, Object.fromEntries(units));
  } catch (error) {
    const reason = httpError(500, error);
    throw new HttpError(500, `generating systemd units: ${reason.message}`, { because: reason.because, cause: error });
  }
};
