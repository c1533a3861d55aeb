import type { UnitFile } from "../systemd/unit-file.ts";
import { keysOf, lastValue } from "../systemd/unit-values.ts";
import { kindOf } from "./kinds.ts";

/** What may go wrong with a unit although it can be translated. */
export function warningsAbout(unit: UnitFile): string[] {
  const unsupported = keysOf(unit, "Service").filter((key) => ["User", "Group", "DynamicUser"].includes(key));
  return [
    ...unsupported.map((key) => `Warning: using key ${key} in the Service group is not supported - use at your own risk`),
    ...ambiguousImage(unit),
  ];
}

function ambiguousImage(unit: UnitFile): string[] {
  const section = kindOf(unit.name)?.section ?? "";
  if (!["Container", "Volume", "Image", "Artifact"].includes(section)) return [];
  const image = lastValue(unit, section, "Image");
  if (image === undefined || image.endsWith(".build") || image.endsWith(".image") || isUnambiguous(image)) return [];
  return [
    `Warning: ${unit.name} specifies the image "${image}" which not a fully qualified image name. This is not ideal for performance and security reasons. See the podman-pull manpage discussion of short-name-aliases.conf for details.`,
  ];
}

/** An id, or a name that says which registry. */
function isUnambiguous(image: string): boolean {
  if (image.startsWith("sha256:") || /^[0-9A-Fa-f]{64}$/.test(image)) return true;
  const slash = image.indexOf("/");
  const domain = image.slice(0, Math.max(0, slash));
  return slash >= 0 && (/[.:]/.test(domain) || domain === "localhost");
}
