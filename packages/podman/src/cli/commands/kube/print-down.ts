import type { Output } from "@containers/common/cli/define-command";
import { describeError } from "@containers/common/errors/tool-error";
import type { DownReport } from "../../../kube/down.ts";

/** Prints what was taken down; the exit code. */
export function printDown(report: DownReport, out: Output): number {
  const section = (heading: string, done: readonly string[], errors: readonly Error[]): void => {
    out.stdout(`${[heading, ...done].join("\n")}\n`);
    for (const error of errors) out.stderr(`Error: ${describeError(error)}\n`);
  };
  for (const [heading, reports] of [
    ["Pods stopped:", report.stopped],
    ["Pods removed:", report.removed],
  ] as const) {
    const done = reports.filter(({ errors }) => errors.length === 0).map(({ pod }) => pod.id);
    section(
      heading,
      done,
      reports.flatMap(({ errors }) => errors),
    );
  }
  section("Secrets removed:", report.secrets, []);
  const failed = report.volumes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const gone = report.volumes.filter(({ error }) => error === undefined).map(({ name, reference }) => name ?? reference);
  section("Volumes removed:", gone, failed);
  return failed.length === 0 ? 0 : 125;
}
