import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { removeExecSession } from "../../containers/exec/exec-for-client.ts";
import { runHealthCheck } from "../../containers/health/run-check.ts";
import { type ContainerChanges, updateContainer } from "../../containers/update.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { flag, struct } from "../wire/go-object.ts";
import { readRestart } from "../wire/spec-generator.ts";
import { changedHealth, changedLimits, updateEntities } from "../wire/update-entities.ts";
import { line, readJson } from "./answers.ts";

/** `GET /libpod/containers/{name}/healthcheck`: makes one check. */
export const healthCheck: Handler = async ({ engine, param }) => {
  try {
    return json(200, { Status: await runHealthCheck(engine, param("name")), FailingStreak: 0, Log: null });
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) throw error;
    const conflict = isErrorOfKind(error, "invalid-argument") || isErrorOfKind(error, "invalid-state");
    throw httpError(conflict ? 409 : 500, error);
  }
};

/** `POST /libpod/containers/{name}/update`: limits, checks and environment in the body, the restart policy in the query. */
export const update: Handler = async (request) => {
  const restart = restartOf(request);
  const { config } = resolveContainer(request.engine, request.param("name"));
  const body = await readJson(request, updateEntities, { doing: "decode()" });
  try {
    const resources = changedLimits(body);
    const health = changedHealth(body);
    const changes: ContainerChanges = {
      ...(resources === undefined ? {} : { resources }),
      ...(health === undefined ? {} : { health }),
      ...restart(),
      ...(body.Env === undefined ? {} : { env: body.Env }),
      ...(body.UnsetEnv === undefined ? {} : { unsetEnv: body.UnsetEnv }),
    };
    return line(201, await updateContainer(request.engine, config.id, changes));
  } catch (error) {
    throw httpError(500, error);
  }
};

/** The query is read first, and what it says judged last, as the original does. */
function restartOf(request: ApiRequest): () => Pick<ContainerChanges, "restart"> {
  const { restartPolicy = "", restartRetries = 0 } = readQuery(request, { restartPolicy: "string", restartRetries: "int" });
  if (restartRetries !== 0 && restartPolicy === "") throw new HttpError(400, "cannot set restart retries unless restart policy is set");
  if (restartRetries !== 0 && restartPolicy !== "on-failure")
    throw new HttpError(400, "cannot set restart retries unless restart policy is on-failure");
  return () => {
    if (restartPolicy === "") return {};
    const wanted = { restart_policy: restartPolicy, ...(restartPolicy === "on-failure" ? { restart_tries: restartRetries } : {}) };
    const restart = readRestart(wanted, "");
    return restart === undefined ? {} : { restart };
  };
}

/** `POST /libpod/exec/{id}/remove`. */
export const removeExec: Handler = async (request) => {
  const doing = `failed to decode parameters for ${request.url}`;
  const { Force = false } = await readJson(request, struct("handlers.ExecRemoveConfig", { Force: flag }), { doing, status: 400 });
  try {
    await removeExecSession(request.engine, request.param("id"), Force);
  } catch (error) {
    throw isErrorOfKind(error, "not-found") ? error : httpError(500, error);
  }
  return empty(200);
};
