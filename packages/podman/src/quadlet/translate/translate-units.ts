import type { UnitFile } from "../../systemd/unit-file.ts";
import { kindOf, type QuadletKind } from "../kinds.ts";
import { namesBefore, type QuadletNames } from "../unit-names.ts";
import { translateBuild } from "./build.ts";
import { translateContainer } from "./container.ts";
import type { TranslateContext, Translation } from "./draft.ts";
import { translateArtifact, translateImage } from "./image.ts";
import { translateKube } from "./kube.ts";
import { translateNetwork } from "./network.ts";
import { translatePod } from "./pod.ts";
import { translateVolume } from "./volume.ts";

export interface TranslatedUnit {
  readonly unit: UnitFile;
  readonly service?: UnitFile;
  /** Why there is no service. */
  readonly error?: string;
}

const translators: Readonly<Record<string, (unit: UnitFile, kind: QuadletKind, context: TranslateContext) => Translation>> = {
  Artifact: translateArtifact,
  Build: translateBuild,
  Container: translateContainer,
  Image: translateImage,
  Kube: translateKube,
  Network: translateNetwork,
  Pod: translatePod,
  Volume: translateVolume,
};

/** Turns quadlets into services; one that cannot be translated keeps no other from it. */
export function translateUnits(units: readonly UnitFile[], settings: Omit<TranslateContext, "names" | "podMembers">): TranslatedUnit[] {
  const known = units.flatMap((unit) => {
    const kind = kindOf(unit.name);
    return kind === undefined ? [] : [{ unit, kind }];
  });
  const names = new Map<string, QuadletNames>(known.map(({ unit, kind }) => [unit.name, namesBefore(unit, kind)]));
  const context: TranslateContext = { ...settings, names, podMembers: new Map() };
  return known
    .sort((left, right) => left.kind.order - right.kind.order)
    .map(({ unit, kind }) => {
      try {
        const translation = translators[kind.section]?.(unit, kind, context);
        if (translation === undefined) return { unit, error: "no such kind of quadlet" };
        const before = names.get(unit.name);
        if (translation.resource !== undefined && before !== undefined) names.set(unit.name, { ...before, resource: translation.resource });
        return { unit, service: translation.service };
      } catch (error) {
        return { unit, error: error instanceof Error ? error.message : String(error) };
      }
    });
}
