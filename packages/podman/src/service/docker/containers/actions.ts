import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { SIGKILL, signalNumber } from "@containers/common/sys/signals";
import { resizeTerminal } from "../../../containers/attach/resize.ts";
import { killContainers } from "../../../containers/lifecycle/kill.ts";
import { pauseContainers, unpauseContainers } from "../../../containers/lifecycle/pause.ts";
import { restartContainers } from "../../../containers/lifecycle/restart.ts";
import { currentContainer } from "../../../containers/lifecycle/stale.ts";
import { startContainers } from "../../../containers/lifecycle/start.ts";
import { stopContainers } from "../../../containers/lifecycle/stop.ts";
import { waitContainers } from "../../../containers/lifecycle/wait.ts";
import type { TargetReport } from "../../../containers/options.ts";
import { removeContainers } from "../../../containers/removal/remove.ts";
import { renameContainer } from "../../../containers/rename.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { HttpError, httpError, withStatuses } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { empty, json } from "../../reply.ts";
import type { Handler } from "../../route.ts";

/** Deeds on one container. The same in both trees but for what `isLibpod` tells apart. */

/** `POST /containers/{name}/start`: 304 when it runs already. */
export const startContainerRoute: Handler = async ({ engine, isLibpod, param }) => {
  const { config, state } = await currentContainer(engine, param("name"));
  if (state.status === "running") return empty(304);
  const [report] = await startContainers(engine, [config.id]);
  if (report?.error === undefined) return empty();
  if (isLibpod) throw httpError(500, report.error);
  // Docker's command line reads its exit code, 127 or 126, out of these words as Go spells them.
  const { message, because } = httpError(500, report.error);
  const spelled = message.replace(/No such file or directory|Permission denied|Is a directory/, (words) => words.toLowerCase());
  throw new HttpError(500, spelled, because === undefined ? {} : { because });
};

/** `POST /containers/{name}/stop`: 304 when it has ended already. */
export const stopContainerRoute: Handler = async (request) => {
  const { engine, isLibpod } = request;
  const { ignore, t, timeout } = readQuery(request, { ignore: "bool", t: "int", timeout: "int" });
  const { config, state } = await currentContainer(engine, request.param("name"));
  if (state.status === "stopped" || state.status === "exited") return empty(304);
  const seconds = isLibpod ? timeout : t;
  throwFailure(
    await stopContainers(engine, [config.id], { ignore: ignore === true, ...(seconds === undefined ? {} : { timeout: seconds }) }),
  );
  return empty();
};

/** `POST /containers/{name}/restart`. */
export const restartContainerRoute: Handler = async (request) => {
  const { t, timeout } = readQuery(request, { t: "int", timeout: "int" });
  const seconds = request.isLibpod ? timeout : t;
  const { config } = resolveContainer(request.engine, request.param("name"));
  // As the original has it, who says nothing waits for nothing.
  throwFailure(await restartContainers(request.engine, [config.id], { timeout: seconds ?? 0 }));
  return empty();
};

/** `POST /containers/{name}/kill`: Docker's clients wait for the end that SIGKILL brings. */
export const killContainerRoute: Handler = async (request) => {
  const { engine, isLibpod } = request;
  const { signal: text = "KILL" } = readQuery(request, { signal: "string" });
  const signal = signalNumber(text === "" ? "KILL" : text);
  if (signal === undefined) throw new HttpError(500, `invalid signal: ${text}`, { because: `invalid signal: ${text}` });
  const { config, state } = resolveContainer(engine, request.param("name"));
  await withStatuses({ "invalid-state": 409 }, async () => throwFailure(await killContainers(engine, [config.id], { signal })));
  // Somebody may start it again before its end is seen here.
  if (!isLibpod && (signal === SIGKILL || signal === 0))
    await waitContainers(engine, [config.id], { conditions: ["exited", "stopped"], ofRun: state.startedAt });
  return empty();
};

/** `POST /containers/{name}/pause`. */
export const pauseContainerRoute: Handler = async ({ engine, param }) => {
  throwFailure(await pauseContainers(engine, [resolveContainer(engine, param("name")).config.id]));
  return empty();
};

/** `POST /containers/{name}/unpause`. */
export const unpauseContainerRoute: Handler = async ({ engine, param }) => {
  throwFailure(await unpauseContainers(engine, [resolveContainer(engine, param("name")).config.id]));
  return empty();
};

/** `POST /containers/{name}/resize`. */
export const resizeContainerRoute: Handler = async (request) => {
  const { h = 0, w = 0 } = readQuery(request, { h: "uint16", w: "uint16", running: "bool" });
  const { config, state } = await currentContainer(request.engine, request.param("name"));
  if (state.status !== "created" && state.status !== "running")
    throw new HttpError(409, "can only resize created or running containers: container state improper", {
      because: "container state improper",
    });
  resizeTerminal(config.staticDir, { rows: h, columns: w });
  return empty(200);
};

/** `POST /containers/{name}/rename?name=…`. */
export const renameContainerRoute: Handler = async (request) => {
  const { name = "" } = readQuery(request, { name: "string" });
  const { config } = resolveContainer(request.engine, request.param("name"));
  await withStatuses({ "already-exists": 500, "in-use": 500 }, () => renameContainer(request.engine, config.id, name)).catch(
    (error: unknown) => {
      throw isNameTaken(error) ? nameTaken(config.id) : error;
    },
  );
  return empty();
};

function isNameTaken(error: unknown): boolean {
  return error instanceof HttpError && (isErrorOfKind(error.cause, "already-exists") || isErrorOfKind(error.cause, "in-use"));
}

/** The original learns of it from its database. */
function nameTaken(id: string): HttpError {
  const because = "UNIQUE constraint failed: ContainerConfig.Name";
  const context = `renaming container ${id}: updating container config table with new configuration for container ${id}`;
  return new HttpError(500, `${context}: ${because}`, { because });
}

/** `DELETE /containers/{name}`; libpod's answer lists what went. */
export const removeContainerRoute: Handler = async (request) => {
  const { engine, isLibpod } = request;
  const query = readQuery(request, {
    force: "bool",
    ignore: "bool",
    depend: "bool",
    link: "bool",
    timeout: "int",
    v: "bool",
    volumes: "bool",
  });
  if (!isLibpod && query.link === true) throw new HttpError(400, "link is not supported");
  const name = request.param("name");
  // Here, unlike on the command line, force is no reason to be silent about a container that is not there.
  if (query.ignore !== true && engine.state.containers.resolve(name) === undefined) await refuseUnlessExternal(engine, name);
  const dependent = isLibpod && query.depend === true;
  const remove = dependent ? (await import("../../../pods/remove-pods-of-infra.ts")).removeWithPods : removeContainers;
  const reports = await remove(engine, [name], {
    force: query.force === true,
    ignore: query.ignore === true,
    volumes: (isLibpod ? query.volumes : query.v) === true,
    ...(dependent ? { depend: true } : {}),
    ...(isLibpod && query.timeout !== undefined ? { timeout: query.timeout } : {}),
  });
  throwFailure(reports);
  if (!isLibpod) return empty();
  return json(
    200,
    reports.map(({ id, reference }) => ({ Id: id ?? reference })),
  );
};

async function refuseUnlessExternal(
  engine: Parameters<typeof resolveContainer>[0] & { store: { containers: { get(name: string): unknown } } },
  name: string,
): Promise<void> {
  if (engine.store.containers.get(name) !== undefined) return;
  throw new ToolError("not-found", `no container with ID or name ${JSON.stringify(name)} found: no such container`);
}

/** The first error that a report tells. */
export function throwFailure(reports: readonly TargetReport[]): void {
  const failed = reports.find(({ error }) => error !== undefined)?.error;
  if (failed !== undefined)
    throw isErrorOfKind(failed, "not-found") && !/no such container/.test(failed.message) ? httpError(500, failed) : failed;
}
