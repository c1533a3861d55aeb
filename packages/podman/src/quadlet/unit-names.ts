import type { UnitFile } from "../systemd/unit-file.ts";
import { allValues, givenValue, lastValue } from "../systemd/unit-values.ts";
import { extensionOf, type QuadletKind } from "./kinds.ts";

/** What other units need to know of a quadlet. */
export interface QuadletNames {
  /** `web.service` */
  readonly serviceFile: string;
  /** Name of the container, volume, image …; empty where it depends on the instance, or is not known before the unit is translated. */
  readonly resource: string;
}

/** `foo` of `foo@bar.container`, `bar`, and whether it is a template at all. */
export function templateParts(fileName: string): { readonly base: string; readonly instance: string; readonly isTemplate: boolean } {
  const stem = withoutExtension(fileName);
  const at = stem.indexOf("@");
  return at < 0
    ? { base: stem, instance: "", isTemplate: false }
    : { base: stem.slice(0, at), instance: stem.slice(at + 1), isTemplate: true };
}

function withoutExtension(fileName: string): string {
  const dot = fileName.lastIndexOf(".");
  return dot > 0 ? fileName.slice(0, dot) : fileName;
}

/** The unit that systemd sees, with its extension. */
export function serviceFileOf(unit: UnitFile, kind: QuadletKind): string {
  const chosen = lastValue(unit, kind.section, "ServiceName");
  if (chosen !== undefined) return `${chosen}.service`;
  const stem = withoutExtension(unit.name);
  return stem.endsWith("@") ? `${stem.slice(0, -1)}${kind.serviceSuffix}@.service` : `${stem}${kind.serviceSuffix}.service`;
}

/** What is known of a unit before any was translated. */
export function namesBefore(unit: UnitFile, kind: QuadletKind): QuadletNames {
  return { serviceFile: serviceFileOf(unit, kind), resource: resourceBefore(unit, kind) };
}

function resourceBefore(unit: UnitFile, kind: QuadletKind): string {
  switch (kind.section) {
    case "Container": {
      // Only %N is understood: every other specifier is systemd's to fill in.
      const name = containerName(unit).replaceAll("%N", withoutExtension(serviceFileOf(unit, kind)));
      return name.includes("%") ? "" : name;
    }
    case "Build":
      return allValues(unit, "Build", "ImageTag")[0] ?? "";
    case "Pod":
      return podName(unit);
    default:
      return "";
  }
}

/** The container's name, as the unit says it: with specifiers. */
export function containerName(unit: UnitFile): string {
  return givenValue(unit, "Container", "ContainerName") ?? (unit.name.includes("@") ? "systemd-%p_%i" : "systemd-%N");
}

export function podName(unit: UnitFile): string {
  return givenValue(unit, "Pod", "PodName") ?? `systemd-${withoutExtension(unit.name)}`;
}

/** Name of a volume or network. */
export function resourceName(unit: UnitFile, section: string, key: string): string {
  const chosen = givenValue(unit, section, key);
  if (chosen !== undefined) return chosen;
  const name = `systemd-${withoutExtension(unit.name)}`;
  return unit.name.includes("@") ? `${name.slice(0, -1)}-%i` : name;
}

/** Directories below a search directory that may hold drop-ins of a unit, the closest to it first. */
export function dropInDirectories(fileName: string): string[] {
  const extension = extensionOf(fileName);
  const { base, instance, isTemplate } = templateParts(fileName);
  const prefixes = base.split("-").slice(0, -1);
  const shortened = prefixes.flatMap((_, index) => {
    const prefix = `${prefixes.slice(0, index + 1).join("-")}-`;
    return [`${prefix}${extension}.d`, ...(isTemplate ? [`${prefix}@${extension}.d`] : [])];
  });
  return [`${extension.slice(1)}.d`, ...shortened, ...(instance === "" ? [] : [`${base}@${extension}.d`]), `${fileName}.d`].reverse();
}
