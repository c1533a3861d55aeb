import { setTimeout as delay } from "node:timers/promises";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { parseDetachKeys } from "../../../containers/attach/detach-keys.ts";
import type { Container } from "../../../containers/config.ts";
import { containerEvent } from "../../../containers/container-event.ts";
import { initContainer } from "../../../containers/lifecycle/init.ts";
import { refreshLocked } from "../../../containers/lifecycle/refresh.ts";
import { startDependencies } from "../../../containers/lifecycle/start.ts";
import { shownStatus } from "../../../containers/lifecycle/transitions.ts";
import { readLogs } from "../../../containers/logs/read-logs.ts";
import type { Engine } from "../../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../../locks/with-container-lock.ts";
import { HttpError, withContext } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { openJunction } from "../../streams/join.ts";
import { frame } from "../../streams/stdcopy.ts";
import { streamType } from "../../streams/stream-type.ts";

/**
 * `POST /containers/{name}/attach`. Docker's clients attach before they start: a container that does not run is made ready, so that none of its output
 * is missed.
 */
export const attachContainerRoute: Handler = async (request) => {
  const { engine } = request;
  const query = readQuery(
    request,
    { detachKeys: "string", logs: "bool", stream: "bool", stdin: "bool", stdout: "bool", stderr: "bool" },
    { context: "" },
  );
  const named = query.stdin !== undefined || query.stdout !== undefined || query.stderr !== undefined;
  const streams = {
    stdin: query.stdin ?? true,
    stdout: query.stdout ?? true,
    stderr: query.stderr ?? true,
  };
  if (named && !streams.stdin && !streams.stdout && !streams.stderr)
    throw new HttpError(400, "at least one of stdin, stdout, stderr must be true");
  if (query.stream === false && query.logs !== true) throw new HttpError(400, "at least one of Logs or Stream must be set");
  const { config } = resolveContainer(engine, request.param("name"));
  if (query.detachKeys !== undefined) parseDetachKeys(query.detachKeys);
  const container = await readyOrHopeless(request, config.id);
  if (container === undefined) return attachToNothing(request, config.tty);
  const junction =
    query.stream === false
      ? undefined
      : await openJunction(engine, config.staticDir, {
          ...streams,
          stdin: streams.stdin && config.stdin,
          tty: config.tty,
          detachKeys: query.detachKeys ?? engine.defaults.detachKeys,
        });
  const wire = await request.hijack(streamType(request, config.tty));
  engine.events.write(containerEvent(config, "attach"));
  try {
    if (query.logs === true) await sendLogs(request, wire, container);
    await junction?.join(wire);
  } finally {
    junction?.close();
    wire.close();
  }
  return "hijacked" as const;
};

/** How long a connection is kept for a client whose start is bound to fail, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Undefined for a container whose command cannot be invoked (libpod's clients are told at once): Docker's clients hear of that when they start it, and with it learn the exit code; to refuse
 * them here would hide that.
 */
async function readyOrHopeless({ engine, isLibpod }: ApiRequest, id: string): Promise<Container | undefined> {
  try {
    return await withContainerLock(engine, id, (stale) => makeReady(engine, stale));
  } catch (error) {
    if (!isLibpod && error instanceof HttpError && (isErrorOfKind(error.cause, "not-found") || isErrorOfKind(error.cause, "denied")))
      return undefined;
    throw error;
  }
}

async function attachToNothing(request: ApiRequest, tty: boolean): Promise<"hijacked"> {
  const wire = await request.hijack(streamType(request, tty));
  wire.onInputEnd(() => wire.close());
  await Promise.race([wire.closed, delay(PATIENCE)]);
  wire.close();
  return "hijacked";
}

async function makeReady(engine: Engine, stale: Container): Promise<Container> {
  const container = await refreshLocked(engine, stale);
  const { status } = container.state;
  if (status === "configured" || status === "exited" || status === "stopped") {
    return withContext(`preparing container ${container.config.id} for attach`, async () => {
      await startDependencies(engine, container);
      return initContainer(engine, container, {});
    });
  }
  if (status !== "created" && status !== "running")
    throw new HttpError(
      500,
      `can only attach to created or running containers - currently in state ${shownStatus(status)}: container state improper`,
      { because: "container state improper" },
    );
  return container;
}

async function sendLogs(request: ApiRequest, wire: Awaited<ReturnType<ApiRequest["hijack"]>>, { config }: Container): Promise<void> {
  for await (const line of readLogs(request.engine, config.id)) {
    const bytes = Buffer.from(line.partial ? line.text : `${line.text}\n`);
    await wire.write(config.tty ? bytes : frame(line.stream, bytes));
  }
}
