import { closeSync, openSync } from "node:fs";
import { type Diagnostics, reason } from "../diagnostics.ts";
import type { MonitorOptions } from "../options.ts";

/** Leaves the empty file `oom` where engines look for it, now and after a reboot. */
export function recordOom(options: Pick<MonitorOptions, "persistDir" | "bundle">, diagnostics: Diagnostics): void {
  diagnostics.info("OOM event received");
  for (const directory of [options.persistDir, options.bundle]) {
    if (directory === undefined || directory === "") continue;
    try {
      closeSync(openSync(`${directory}/oom`, "w", 0o666));
    } catch (error) {
      diagnostics.warn(`Failed to write oom file to the ${directory} path: ${reason(error)}`);
    }
  }
}
