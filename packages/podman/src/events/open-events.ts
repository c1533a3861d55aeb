import { parseDecimalSize } from "@containers/common/cli/flag-values/size";
import type { Engine } from "../engine/engine.ts";
import { usesJournald } from "../engine/uses-journald.ts";
import type { EventLog } from "./event-log.ts";
import { fileEventLog, noEventLog } from "./file-event-log.ts";

/** The log of events that a flag or containers.conf asks for; the journal where there is one, else a file. */
export function openEvents({ globals, config, paths, sys }: Pick<Engine, "globals" | "config" | "paths" | "sys">): EventLog {
  const backend = (globals.eventsBackend ?? config.engine.eventsLogger) || (usesJournald() ? "journald" : "file");
  if (backend === "journald") {
    const { journaldEventLog }: typeof import("./journald-event-log.ts") = require("./journald-event-log.ts");
    return journaldEventLog(sys);
  }
  return backend === "none" ? noEventLog() : fileEventLog(paths.eventsFile, parseDecimalSize(config.engine.eventsLogfileMaxSize));
}
