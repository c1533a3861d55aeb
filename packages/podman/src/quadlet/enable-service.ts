import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import type { UnitFile } from "../systemd/unit-file.ts";
import { lastValue, listValues } from "../systemd/unit-values.ts";
import { extensionOf } from "./kinds.ts";
import type { GeneratorLog } from "./log.ts";
import { templateParts } from "./unit-names.ts";

/** Follows the section `Install`, as `systemctl enable` does for units that were not generated. */
export function enableService(output: string, service: UnitFile, log: GeneratorLog): void {
  for (const link of linksOf(service)) {
    const path = join(output, link);
    const target = relative(dirname(link), service.name);
    try {
      mkdirSync(dirname(path), { recursive: true });
      log.debug(`Creating symlink ${path} -> ${target}`);
      rmSync(path, { force: true });
      symlinkSync(target, path);
    } catch (error) {
      log.say(`Failed creating symlink ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Links to the service, below the directory that it is in. */
function linksOf(service: UnitFile): string[] {
  const aliases = listValues(service, "Install", "Alias").map((alias) => normalize(alias));
  const enabled = enabledName(service);
  if (enabled === undefined) return aliases;
  const dependents = (
    [
      ["WantedBy", "wants"],
      ["RequiredBy", "requires"],
      ["UpheldBy", "upholds"],
    ] as const
  ).flatMap(([key, directory]) =>
    listValues(service, "Install", key)
      .filter((unit) => !unit.includes("/"))
      .map((unit) => `${unit}.${directory}/${enabled}`),
  );
  return [...aliases, ...dependents];
}

/** A template is enabled by the instance that it names, if it names one. */
function enabledName(service: UnitFile): string | undefined {
  const { base, instance, isTemplate } = templateParts(service.name);
  if (!isTemplate || instance !== "") return service.name;
  const chosen = lastValue(service, "Install", "DefaultInstance");
  return chosen === undefined ? undefined : `${base}@${chosen}${extensionOf(service.name)}`;
}
