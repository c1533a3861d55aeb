import type { Output } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { PlayReport } from "../../../kube/play/options.ts";

/**
 * Prints what was made.
 * @throws ToolError when containers could not be started
 */
export function printPlay(report: PlayReport, out: Output): number {
  const lines = [
    ...(report.volumes.length === 0 ? [] : ["Volumes:", ...report.volumes]),
    ...(report.secrets.length === 0 ? [] : ["Secrets:", ...report.secrets]),
  ];
  if (lines.length > 0) out.stdout(`${lines.join("\n")}\n`);
  let failed = 0;
  for (const { id, containers, containerErrors } of report.pods) {
    out.stdout(`Pod:\n${id}\n`);
    if (containers.length === 0) continue;
    out.stdout(`${[containers.length === 1 ? "Container:" : "Containers:", ...containers].join("\n")}\n`);
    if (containerErrors.length > 0) out.stdout("\n");
    for (const error of containerErrors) out.stderr(`${error}\n`);
    out.stdout("\n");
    failed += containerErrors.length;
  }
  if (failed > 0) throw new ToolError("invalid-state", `failed to start ${failed} containers`, { exitCode: 125 });
  return 0;
}
