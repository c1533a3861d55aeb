import type { MonitorSys } from "@containers/common/sys/sys";
import { type Diagnostics, reason } from "../diagnostics.ts";
import { writeText } from "../files.ts";
import type { MonitorOptions } from "../options.ts";

/** Leaves the empty file `oom` where engines look for it, now and after a reboot. */
export function recordOom(sys: MonitorSys, options: Pick<MonitorOptions, "persistDir" | "bundle">, diagnostics: Diagnostics): void {
  diagnostics.info("OOM event received");
  for (const directory of [options.persistDir, options.bundle]) {
    if (directory === undefined || directory === "") continue;
    try {
      writeText(sys, `${directory}/oom`, "", { mode: 0o666 });
    } catch (error) {
      diagnostics.warn(`Failed to write oom file to the ${directory} path: ${reason(error)}`);
    }
  }
}
