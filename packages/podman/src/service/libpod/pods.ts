import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { signalNumber } from "@containers/common/sys/signals";
import type { ContainerStats } from "../../containers/stats/stats.ts";
import { podTable } from "../../containers/top/process-table.ts";
import { createPod } from "../../pods/create.ts";
import { inspectPod } from "../../pods/inspect.ts";
import { killPods } from "../../pods/kill.ts";
import { listPods, podListingJson } from "../../pods/list.ts";
import { podMembers } from "../../pods/members.ts";
import { pausePods, unpausePods } from "../../pods/pause.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import { prunePods } from "../../pods/prune.ts";
import { removePods } from "../../pods/remove.ts";
import type { PodReport } from "../../pods/report.ts";
import { resolvePod } from "../../pods/resolve-pod.ts";
import { restartPods } from "../../pods/restart.ts";
import { startPods } from "../../pods/start.ts";
import { podStats } from "../../pods/stats.ts";
import { podStatsRow } from "../../pods/stats-row.ts";
import { podStatus } from "../../pods/status.ts";
import { stopPods } from "../../pods/stop.ts";
import { HttpError, httpError, withContext } from "../errors-to-http.ts";
import type { Reply } from "../http/exchange.ts";
import { readFilters, readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { podSpecFromWire, podSpecGenerator } from "../wire/pod-spec-generator.ts";
import { errorText, readJson } from "./answers.ts";
import { repeated } from "./repeated.ts";

export const create: Handler = async (request) => {
  const body = await readJson(request, podSpecGenerator, { doing: "failed to decode specgen" });
  try {
    const { id } = await createPod(request.engine, podSpecFromWire(body));
    return json(201, { Id: id });
  } catch (error) {
    const reason = error instanceof HttpError ? error : httpError(500, error);
    const status = isErrorOfKind(error, "already-exists") ? 409 : 500;
    throw new HttpError(status, `failed to make pod: ${reason.message}`, { because: reason.because, cause: error });
  }
};

export const listAll: Handler = async (request) => {
  const listed = await listPods(request.engine, { filters: readFilters(request, { status: 400 }) });
  return json(200, listed.map(podListingJson));
};

export const inspect: Handler = async (request) => json(200, await inspectPod(request.engine, find(request)));

export const exists: Handler = (request) => {
  find(request);
  return empty();
};

export const start: Handler = async (request) => {
  const pod = find(request);
  if ((await statusOf(request, pod)) === "Running") return empty(304);
  return report(pod, await startPods(request.engine, [pod]), { RawInput: pod.name });
};

export const stop: Handler = async (request) => {
  const { t = 0 } = readQuery(request, { t: "int" });
  const pod = find(request);
  if ((await statusOf(request, pod)) !== "Running") return empty(304);
  return report(pod, await stopPods(request.engine, [pod], t > 0 ? { timeout: t } : {}), { RawInput: pod.name });
};

export const restart: Handler = async (request) => {
  const pod = find(request);
  return report(pod, await restartPods(request.engine, [pod]));
};

export const pause: Handler = async (request) => {
  const pod = find(request);
  return report(pod, await pausePods(request.engine, [pod]));
};

export const unpause: Handler = async (request) => {
  const pod = find(request);
  return report(pod, await unpausePods(request.engine, [pod]));
};

export const kill: Handler = async (request) => {
  const { signal = "SIGKILL" } = readQuery(request, { signal: "string" });
  const number = signalNumber(signal);
  if (number === undefined) {
    const because = `invalid signal: ${signal}`;
    throw new HttpError(500, `unable to parse signal value: ${because}`, { because });
  }
  const pod = find(request);
  const members = await podMembers(request.engine, pod);
  if (!members.some(({ status }) => status === "running"))
    throw new HttpError(409, `cannot kill a pod with no running containers: ${pod.id}`);
  return report(pod, await killPods(request.engine, [pod], number));
};

export const remove: Handler = async (request) => {
  const { force, timeout } = readQuery(request, { force: "bool", timeout: "int" });
  const pod = find(request);
  const members = await podMembers(request.engine, pod);
  const [done] = await removePods(request.engine, [pod], { force, timeout });
  const [summary, ...errors] = done?.errors ?? [];
  if (summary !== undefined) {
    const list = errors.map((error) => `\n\t* ${errorText(error)}`).join("");
    const details = errors.length === 0 ? "" : `. ${errors.length} error${errors.length === 1 ? "" : "s"} occurred:${list}\n\n`;
    throw new HttpError(500, `${summary.message}${details}`, { because: httpError(500, summary).because });
  }
  return json(200, { RemovedCtrs: Object.fromEntries(members.map(({ id }) => [id, null])), Err: null, Id: pod.id });
};

export const prune: Handler = async (request) => {
  const reports = await prunePods(request.engine);
  return json(
    200,
    reports.map(({ pod, errors }) => ({ Err: errorText(errors[0]), Id: pod.id })),
  );
};

export const top: Handler = async (request) => {
  const { delay: seconds = 5, stream = false } = readQuery(request, { delay: "int", stream: "bool" });
  if (seconds < 1) throw new HttpError(400, `"delay" parameter of value ${seconds} < 1`);
  const pod = find(request);
  const words = request.query.getAll("ps_args");
  // The original says nothing at all of a pod that does not run.
  if (!(await podMembers(request.engine, pod)).some(({ status }) => status === "running")) return empty(200);
  const look = async () => {
    const { titles, rows } = await podTable(request.engine, pod, words);
    return { Processes: rows.map((row) => row.map((cell) => cell.trim())), Titles: titles };
  };
  return repeated(request, await look(), { look, seconds, stream });
};

export const stats: Handler = async (request) => {
  const query = readQuery(request, { namesOrIDs: "strings", all: "bool", stream: "bool", delay: "int" });
  if (query.all === true && query.namesOrIDs.length > 0) throw new HttpError(500, "--all, --latest and arguments cannot be used together");
  const { engine } = request;
  const named = await withContext("unable to get list of pods", () => query.namesOrIDs.map((reference) => lookUp(request, reference)), 404);
  const previous = new Map<string, ContainerStats>();
  const look = async () => {
    const pods = named.length > 0 ? named : engine.state.pods.list().filter(({ isCreating }) => !isCreating);
    const measured = podStats(engine, pods, previous);
    for (const { stats: one } of measured) previous.set(one.id, one);
    return measured.map(podStatsRow);
  };
  return repeated(request, await look(), { look, seconds: query.delay ?? 5, stream: query.stream === true });
};

async function statusOf({ engine }: ApiRequest, pod: PodRecord): Promise<string> {
  return podStatus((await podMembers(engine, pod)).map(({ shownStatus }) => shownStatus));
}

/** Errors of containers make a conflict of an answer that is otherwise the same. */
function report(pod: PodRecord, reports: readonly PodReport[], more: Readonly<Record<string, unknown>> = {}): Reply {
  const errors = reports.flatMap((one) => one.errors).map((error) => errorText(error));
  return json(errors.length === 0 ? 200 : 409, { Errs: errors.length === 0 ? null : errors, Id: pod.id, ...more });
}

function find(request: ApiRequest): PodRecord {
  return lookUp(request, request.param("name"));
}

function lookUp({ engine }: ApiRequest, reference: string): PodRecord {
  return resolvePod(engine, reference);
}
