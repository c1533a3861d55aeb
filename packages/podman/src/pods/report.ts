import type { TargetReport } from "../containers/options.ts";
import type { PodRecord } from "./pod-record.ts";

/** What became of one pod of a command that takes several. */
export interface PodReport {
  readonly pod: Pick<PodRecord, "id" | "name">;
  /** Empty when all went well. */
  readonly errors: readonly Error[];
}

/** Runs `deed` on each pod in turn; one that fails does not keep the others from being dealt with. */
export async function forEachPod(pods: readonly PodRecord[], deed: (pod: PodRecord) => Promise<readonly Error[]>): Promise<PodReport[]> {
  const reports: PodReport[] = [];
  for (const pod of pods) {
    try {
      reports.push({ pod, errors: await deed(pod) });
    } catch (error) {
      reports.push({ pod, errors: [error instanceof Error ? error : new Error(String(error))] });
    }
  }
  return reports;
}

/** The errors of containers, each saying what was being done to which. */
export function memberErrors(doing: string, reports: readonly TargetReport[]): Error[] {
  return reports.flatMap(({ reference, error }) => {
    if (error === undefined) return [];
    return [Object.assign(error, { message: `${doing} container ${reference}: ${error.message}` })];
  });
}
