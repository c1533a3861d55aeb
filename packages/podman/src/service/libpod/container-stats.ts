import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { Container } from "../../containers/config.ts";
import { type ContainerStats, containerStats } from "../../containers/stats/stats.ts";
import { containerStatsJson } from "../../containers/stats/stats-rows.ts";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { HttpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import type { Handler } from "../route.ts";
import { repeated } from "./repeated.ts";

/** `GET /libpod/containers/stats`: of several containers, or of all that run. */
export const stats: Handler = async (request) => {
  const { engine } = request;
  if (engine.rootless && readCgroupLayout().version === 1)
    throw new HttpError(409, "container stats resource only available for cgroup v2");
  const query = readQuery(request, { containers: "strings", stream: "bool", interval: "int", all: "bool" });
  if (query.interval !== undefined && query.interval < 1)
    throw new HttpError(500, "invalid interval, must be a positive number greater zero");
  const named = query.containers.map((reference) => lookUp(engine, reference));
  const previous = new Map<string, ContainerStats>();
  const look = async () => {
    const containers = named.length > 0 ? named.map((id) => resolveContainer(engine, id)) : listed(engine, query.all === true);
    const measured = containers.flatMap((container) => measure(engine, container, { previous, isNamed: named.length > 0 }));
    for (const one of measured) previous.set(one.id, one);
    return { Error: null, Stats: measured.map(containerStatsJson) };
  };
  return repeated(request, await look(), { look, seconds: query.interval ?? 5, stream: query.stream !== false });
};

interface Measuring {
  readonly previous: ReadonlyMap<string, ContainerStats>;
  readonly isNamed: boolean;
}

/** One that cannot be measured must not hide the others, unless it was asked for. */
function measure(engine: Engine, container: Container, { previous, isNamed }: Measuring): ContainerStats[] {
  try {
    const measured = containerStats(engine, container, previous.get(container.config.id));
    return measured === undefined ? [] : [measured];
  } catch (error) {
    if (!isNamed && error instanceof ToolError && error.code === "no-cgroup") return [];
    throw error;
  }
}

function lookUp(engine: Engine, reference: string): string {
  try {
    return resolveContainer(engine, reference).config.id;
  } catch (error) {
    throw wrapError(`unable to get list of containers: unable to look up container ${reference}`, error);
  }
}

function listed(engine: Engine, all: boolean): Container[] {
  return engine.state.containers
    .list(all ? undefined : { statuses: ["running"] })
    .filter(({ status }) => status !== "creating")
    .flatMap(({ id }) => engine.state.containers.get(id) ?? []);
}
