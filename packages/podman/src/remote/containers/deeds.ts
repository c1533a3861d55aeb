import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { RemoveOptions, StopOptions, TargetReport, WaitOptions, WaitReport } from "../../containers/options.ts";
import { deleteJson, exists, post, postJson, type Query, readJson, type Service, segment } from "../service.ts";
import { number, records, text } from "../wire.ts";

/** Does one thing to each container; one that fails does not hide the rest. */
export async function eachTarget(references: readonly string[], deed: (reference: string) => Promise<void>): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      await deed(reference);
      reports.push({ reference, id: reference });
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

/** The route of a deed on one container. */
export function containerPath(reference: string, deed: string): string {
  return `/containers/${segment(reference)}/${deed}`;
}

function each(service: Service, references: readonly string[], deed: string, query: Query = {}): Promise<TargetReport[]> {
  return eachTarget(references, (reference) => post(service, containerPath(reference, deed), query));
}

export function startContainers(service: Service, references: readonly string[]): Promise<TargetReport[]> {
  return eachTarget(references, async (reference) => {
    try {
      await post(service, containerPath(reference, "start"));
    } catch (error) {
      if (isErrorOfKind(error, "not-found")) throw error;
      throw new ToolError("internal", `unable to start container ${JSON.stringify(reference)}`, { cause: error });
    }
  });
}

/** Without an id in its report, a container was not there and that was no error. */
export async function stopContainers(service: Service, references: readonly string[], options: StopOptions): Promise<TargetReport[]> {
  const { ignore = false } = options;
  const reports = await each(service, references, "stop", { timeout: options.timeout, ignore });
  return reports.map((report) => (ignore && isErrorOfKind(report.error, "not-found") ? { reference: report.reference } : report));
}

/** The signal is a name or a number, as the user wrote it. */
export function killContainers(service: Service, references: readonly string[], signal: string): Promise<TargetReport[]> {
  return each(service, references, "kill", { signal });
}

export function pauseContainers(service: Service, references: readonly string[]): Promise<TargetReport[]> {
  return each(service, references, "pause");
}

export function unpauseContainers(service: Service, references: readonly string[]): Promise<TargetReport[]> {
  return each(service, references, "unpause");
}

export function initContainers(service: Service, references: readonly string[]): Promise<TargetReport[]> {
  return each(service, references, "init");
}

export function restartContainers(service: Service, references: readonly string[], timeout: number | undefined): Promise<TargetReport[]> {
  return each(service, references, "restart", { timeout });
}

/** A missing container has the exit code 1, one in use 2. */
export async function removeContainers(service: Service, references: readonly string[], options: RemoveOptions): Promise<TargetReport[]> {
  const query = {
    force: options.force ?? false,
    v: options.volumes ?? false,
    ignore: (options.ignore ?? false) || (options.force ?? false),
    depend: options.depend ?? false,
    timeout: options.timeout,
  };
  const reports: TargetReport[] = [];
  const gone = new Set<string>();
  for (const reference of references) {
    if (gone.has(reference)) continue;
    try {
      const removed = records(await deleteJson(service, `/containers/${segment(reference)}`, query));
      for (const one of removed) {
        const id = text(one["Id"]);
        gone.add(id);
        const failure = text(one["Err"]);
        const named = removed.length === 1 ? reference : id;
        reports.push(failure === "" ? { reference: named, id } : { reference: named, id, error: new ToolError("internal", failure) });
      }
    } catch (error) {
      reports.push({ reference, error: removalExit(error) });
    }
  }
  return reports;
}

/** Gives the error of a removal the exit code that tells why: 1 for what is missing, 2 for what is in use. */
export function removalExit(error: unknown): Error {
  if (!(error instanceof ToolError)) return error instanceof Error ? error : new Error(String(error));
  const inUse = error.code === "http-409" || error.message.trimEnd().endsWith(": container state improper");
  const exitCode = error.code === "http-404" ? 1 : inUse ? 2 : 125;
  return new ToolError(error.kind, error.message, { code: error.code, exitCode, verbatim: error.verbatim });
}

export async function pruneContainers(service: Service, filters: Readonly<Record<string, readonly string[]>>): Promise<TargetReport[]> {
  return pruneReports(await postJson(service, "/containers/prune", { query: { filters: JSON.stringify(filters) } }));
}

/** The list of what was pruned, as every kind of object has it. */
export function pruneReports(answer: unknown): Array<TargetReport & { readonly size: number }> {
  return records(answer).map((one) => {
    const id = text(one["Id"]);
    const failure = text(one["Err"]);
    return { reference: id, id, size: number(one["Size"]), ...(failure === "" ? {} : { error: new ToolError("internal", failure) }) };
  });
}

export function waitContainers(service: Service, references: readonly string[], options: WaitOptions): Promise<WaitReport[]> {
  const query = { condition: options.conditions, interval: options.intervalMs === undefined ? undefined : `${options.intervalMs}ms` };
  return Promise.all(
    references.map(async (reference): Promise<WaitReport> => {
      try {
        return { reference, exitCode: await waitForExit(service, reference, query) };
      } catch (error) {
        if (options.ignore === true && isErrorOfKind(error, "not-found")) return { reference, exitCode: -1 };
        return { reference, error: error instanceof Error ? error : new Error(String(error)) };
      }
    }),
  );
}

/** Waits until the container ends, or stands as the query's conditions say; its exit code. */
export async function waitForExit(service: Service, reference: string, query: Query = {}): Promise<number> {
  return number(await readJson(await service.request("POST", containerPath(reference, "wait"), { query })));
}

export async function renameContainer(service: Service, reference: string, name: string): Promise<void> {
  await post(service, containerPath(reference, "rename"), { name });
}

export function containerExists(service: Service, reference: string, external: boolean): Promise<boolean> {
  return exists(service, containerPath(reference, "exists"), { external });
}
