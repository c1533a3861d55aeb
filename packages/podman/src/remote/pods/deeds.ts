import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { PodReport } from "../../pods/report.ts";
import { deleteJson, exists, getJson, postJson, type Query, type Service, segment } from "../service.ts";
import { record, records, text, textMap, texts } from "../wire.ts";

/** A pod as the deeds' reports name it. */
interface FoundPod {
  readonly id: string;
  readonly name: string;
}

export interface RemotePodOptions {
  readonly timeout?: number | undefined;
  readonly force?: boolean;
  readonly ignore?: boolean;
}

export function startPods(service: Service, references: readonly string[]): Promise<PodReport[]> {
  return each(service, references, (path) => postJson(service, `${path}/start`, { accept: [409] }));
}

export function stopPods(service: Service, references: readonly string[], options: RemotePodOptions): Promise<PodReport[]> {
  return each(service, references, (path) => postJson(service, `${path}/stop`, { query: { t: options.timeout }, accept: [409] }));
}

export function restartPods(service: Service, references: readonly string[]): Promise<PodReport[]> {
  return each(service, references, (path) => postJson(service, `${path}/restart`, { accept: [409] }));
}

export function pausePods(service: Service, references: readonly string[]): Promise<PodReport[]> {
  return each(service, references, (path) => postJson(service, `${path}/pause`, { accept: [409] }));
}

export function unpausePods(service: Service, references: readonly string[]): Promise<PodReport[]> {
  return each(service, references, (path) => postJson(service, `${path}/unpause`, { accept: [409] }));
}

export function killPods(service: Service, references: readonly string[], signal: string): Promise<PodReport[]> {
  return each(service, references, (path) => postJson(service, `${path}/kill`, { query: { signal }, accept: [409] }));
}

/** A missing pod has the exit code 1. */
export function removePods(service: Service, references: readonly string[], options: RemotePodOptions): Promise<PodReport[]> {
  const query: Query = { force: options.force ?? false, timeout: options.timeout };
  return each(service, references, (path) => deleteJson(service, path, query), options.ignore === true ? "pass over" : "exit 1");
}

export async function prunePods(service: Service): Promise<PodReport[]> {
  return records(await postJson(service, "/pods/prune")).map((one) => {
    const failure = text(one["Err"]);
    const id = text(one["Id"]);
    return { pod: { id, name: id }, errors: failure === "" ? [] : [new ToolError("internal", failure)] };
  });
}

/** References of all pods that there are. */
export async function allPods(service: Service): Promise<readonly string[]> {
  return records(await getJson(service, "/pods/json")).map((pod) => text(pod["Id"]));
}

export function podExists(service: Service, reference: string): Promise<boolean> {
  return exists(service, `/pods/${segment(reference)}/exists`);
}

/** Everything that is known of a pod, as the service says it. @throws ToolError not-found */
export async function inspectPod(service: Service, reference: string): Promise<unknown> {
  try {
    return await getJson(service, `/pods/${segment(reference)}/json`);
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) throw new ToolError("not-found", `no such pod ${JSON.stringify(reference)}`, { exitCode: 125 });
    throw error;
  }
}

/** Does one thing to each pod, all of which are looked up first: one that is missing keeps anything from being done. */
async function each(
  service: Service,
  references: readonly string[],
  deed: (path: string) => Promise<unknown>,
  missing: "fail" | "pass over" | "exit 1" = "fail",
): Promise<PodReport[]> {
  const found: FoundPod[] = [];
  for (const reference of references) {
    const pod = await find(service, reference, missing);
    if (pod !== undefined) found.push(pod);
  }
  const reports: PodReport[] = [];
  for (const pod of found) {
    try {
      const answer = record(await deed(`/pods/${segment(pod.id)}`));
      const failures = [...texts(answer["Errs"]), ...Object.values(textMap(answer["RemovedCtrs"])).filter((one) => one !== "")];
      reports.push({ pod, errors: failures.map((failure) => new ToolError("internal", failure)) });
    } catch (error) {
      reports.push({ pod, errors: [error instanceof Error ? error : new Error(String(error))] });
    }
  }
  return reports;
}

async function find(service: Service, reference: string, missing: "fail" | "pass over" | "exit 1"): Promise<FoundPod | undefined> {
  try {
    const pod = record(await getJson(service, `/pods/${segment(reference)}/json`));
    return { id: text(pod["Id"]), name: text(pod["Name"]) };
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw error;
    if (missing === "pass over") return undefined;
    if (missing === "exit 1")
      throw new ToolError("not-found", `unable to find pod ${JSON.stringify(reference)}: no such pod`, { exitCode: 1 });
    throw new ToolError("not-found", (error as Error).message, { exitCode: 125 });
  }
}
