import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mergeUnit, parseUnitFile, type UnitFile } from "../systemd/unit-file.ts";
import { kindOf } from "./kinds.ts";
import { dropInDirectories } from "./unit-names.ts";

export interface LoadLog {
  debug(text: string): void;
  error(text: string): void;
}

/** Every quadlet of the directories, with its drop-ins; of several with one name the first. */
export function loadUnits(directories: readonly string[], log: LoadLog): UnitFile[] {
  const units = new Map<string, UnitFile>();
  for (const directory of directories) {
    for (const name of namesIn(directory, log)) {
      if (units.has(name) || kindOf(name) === undefined) continue;
      const path = join(directory, name);
      log.debug(`Loading source unit file ${path}`);
      const unit = read(path, log);
      if (unit !== undefined) units.set(name, unit);
    }
  }
  return [...units.values()].map((unit) => withDropIns(unit, directories, log));
}

/** The drop-ins of a unit, by file name in order of the alphabet; of one name that closest to the unit counts. */
function withDropIns(unit: UnitFile, directories: readonly string[], log: LoadLog): UnitFile {
  const paths = new Map<string, string>();
  for (const below of dropInDirectories(unit.name)) {
    for (const directory of directories) {
      for (const name of namesIn(join(directory, below), log)) {
        if (name.endsWith(".conf") && !paths.has(name)) paths.set(name, join(directory, below, name));
      }
    }
  }
  return [...paths]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .reduce((merged, [, path]) => {
      log.debug(`Loading source drop-in file ${path}`);
      const dropIn = read(path, log);
      return dropIn === undefined ? merged : mergeUnit(merged, dropIn);
    }, unit);
}

function read(path: string, log: LoadLog): UnitFile | undefined {
  try {
    return parseUnitFile(readFileSync(path, "utf8"), path);
  } catch (error) {
    log.error(`error loading "${path}", ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function namesIn(directory: string, log: LoadLog): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") log.error(`error reading directory "${directory}": ${message}`);
    return [];
  }
}
