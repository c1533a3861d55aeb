import { isIP } from "node:net";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { signalNumber } from "@containers/common/sys/signals";
import { specWarnings } from "../../container-spec/spec-warnings.ts";
import { createContainer } from "../../containers/creation/create.ts";
import { inspectContainer } from "../../containers/inspect/inspect-container.ts";
import { initContainers } from "../../containers/lifecycle/init-containers.ts";
import { waitContainers } from "../../containers/lifecycle/wait.ts";
import { listContainers } from "../../containers/listing/list.ts";
import { containerListingJson } from "../../containers/listing/listing-json.ts";
import { mountContainer, mountedContainers, unmountContainers } from "../../containers/mount.ts";
import { prunableContainers } from "../../containers/removal/prunable.ts";
import { removeContainers } from "../../containers/removal/remove.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { HttpError, httpError, withStatuses } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { Handler } from "../route.ts";
import { containerSpecFromWire } from "../wire/spec-generator.ts";
import { specGenerator } from "../wire/spec-generator-shape.ts";
import { errorText, line, readJson, throwFirst } from "./answers.ts";

/** `POST /libpod/containers/create`: the body is a SpecGenerator. An image that is not here is 404; whatever else fails is 500. */
export const create: Handler = async (request) => {
  const wire = await readJson(request, specGenerator, { doing: "decode()" });
  const bad = (wire.dns_server ?? []).find((address) => isIP(address) === 0);
  if (bad !== undefined) throw new HttpError(500, `decode(): invalid IP address: ${bad}`, { because: `invalid IP address: ${bad}` });
  try {
    const spec = containerSpecFromWire(wire);
    const { config } = await createContainer(request.engine, spec);
    return json(201, { Id: config.id, Warnings: specWarnings(spec) });
  } catch (error) {
    if (error instanceof HttpError) throw error;
    const reason = httpError(500, error);
    const advice = ", or use --replace to instruct Podman to do so.";
    if (reason.message.endsWith(advice))
      throw new HttpError(500, reason.message.slice(0, -advice.length), { because: "that name is already in use", cause: error });
    if (/image not known$/.test(reason.message))
      throw new HttpError(404, `no such image: ${reason.message}`, { because: "image not known", cause: error });
    throw reason;
  }
};

/** `GET /libpod/containers/json`. `last` is another name of `limit`. */
export const listAll: Handler = async (request) => {
  const query = readQuery(
    request,
    { all: "bool", external: "bool", last: "int", limit: "int", namespace: "bool", size: "bool", sync: "bool" },
    { status: 500 },
  );
  const last = query.last ?? query.limit ?? 0;
  const filters = readFilters(request, { context: `failed to decode filter parameters for ${request.url}` });
  const shown = { all: query.all, filters, size: query.size, podNames: true, namespaces: query.namespace };
  const listed = await withStatuses({ "not-found": 500 }, () =>
    listContainers(request.engine, { ...shown, ...(last > 0 ? { last } : {}) }),
  );
  const others = query.external === true ? (await import("../../containers/listing/list-external.ts")).listExternal(request.engine) : [];
  return json(200, [...listed, ...others].map(containerListingJson));
};

/** `GET /libpod/containers/{name}/json`. Clients of version 4 get two fields in their old form. */
export const inspect: Handler = async (request) => {
  const { size } = readQuery(request, { size: "bool" });
  const found = await inspectContainer(request.engine, request.param("name"), { size });
  return json(200, Number.parseInt(request.version ?? "5", 10) < 5 ? inOldForm(found) : found);
};

export const exists: Handler = (request) => {
  const { external } = readQuery(request, { external: "bool" });
  const { engine } = request;
  const name = request.param("name");
  const known = engine.state.containers.resolve(name) !== undefined;
  if (!known && (external !== true || engine.store.containers.get(name) === undefined)) throw new HttpError(404, "no such container");
  return empty();
};

/**
 * `POST /libpod/containers/{name}/wait`: the exit code as text. One that was removed meanwhile is answered for by what is remembered of it.
 */
export const wait: Handler = async (request) => {
  const { condition, interval } = readQuery(request, { condition: "strings", interval: "string" });
  const { engine, signal } = request;
  const name = request.param("name");
  const intervalMs = interval === undefined ? 250 : duration(interval);
  if (engine.state.containers.resolve(name) === undefined) {
    const remembered = condition.length === 0 ? engine.state.exitCodes.get(name) : undefined;
    if (remembered !== undefined) return line(200, String(remembered));
    resolveContainer(engine, name);
  }
  try {
    const [report] = await waitContainers(engine, [name], { conditions: condition, intervalMs, signal });
    return line(200, String(report?.exitCode ?? 0));
  } catch {
    // As the original has it: only a container that is not there is an error.
    return line(200, "0");
  }
};

export const init: Handler = async ({ engine, param }) => {
  const { config } = resolveContainer(engine, param("name"));
  const [report] = await initContainers(engine, [config.id]);
  if (report?.error !== undefined && isErrorOfKind(report.error, "invalid-state")) return empty(304);
  throwFirst([...(report === undefined ? [] : [report])], 500);
  return empty();
};

export const mount: Handler = async ({ engine, param }) => line(200, (await mountContainer(engine, param("name"))).path);

export const unmount: Handler = async ({ engine, param }) => {
  const { config } = resolveContainer(engine, param("name"));
  throwFirst(await unmountContainers(engine, [config.id], false), 500);
  return empty();
};

export const showMounted: Handler = ({ engine }) =>
  json(200, Object.fromEntries(mountedContainers(engine).map(({ id, path }) => [id, path])));

/** `POST /libpod/containers/prune`: what went, with the bytes of its own layer. */
export const prune: Handler = async (request) => {
  const { engine } = request;
  const stopped = await prunableContainers(engine, readFilters(request), { size: true });
  const reports = await removeContainers(
    engine,
    stopped.map(({ id }) => id),
    { volumes: true },
  );
  const sizes = new Map(stopped.map(({ id, size }) => [id, size?.rwSize ?? 0]));
  return json(
    200,
    reports.map(({ id, reference, error }) => ({
      Id: id ?? reference,
      ...(error === undefined ? {} : { Err: errorText(error) }),
      Size: error === undefined ? (sizes.get(id ?? reference) ?? 0) : 0,
    })),
  );
};

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new HttpError(
      500,
      describeError(error).startsWith("time:") ? describeError(error) : `time: invalid duration ${JSON.stringify(text)}`,
      {
        because: `time: invalid duration ${JSON.stringify(text)}`,
      },
    );
  }
}

/** `Entrypoint` was one text, and `StopSignal` a number. */
function inOldForm(found: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const config = found["Config"];
  if (typeof config !== "object" || config === null) return found;
  const { Entrypoint: words, StopSignal: stop, ...rest } = config as Readonly<Record<string, unknown>>;
  return {
    ...found,
    Config: {
      ...rest,
      Entrypoint: Array.isArray(words) ? words.join(" ") : "",
      StopSignal: typeof stop === "string" ? numberOf(stop) : stop,
    },
  };
}

function numberOf(signal: string): number {
  return signalNumber(signal) ?? 15;
}
