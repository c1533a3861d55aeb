import { ToolError } from "@containers/common/errors/tool-error";

/** What a builder can build: `OS/ARCH[/VARIANT]`. */
export interface Abilities {
  readonly name: string;
  /** This machine, which is taken for its own platform whoever else could do it. */
  readonly isLocal: boolean;
  readonly native: readonly string[];
  readonly emulated: readonly string[];
}

/**
 * Which builder builds for which platform: one that is of the platform, else one that emulates it. Without `platforms` all that builders are of.
 *
 * @returns builders' names by platform
 * @throws ToolError unavailable for a platform that nobody can build for
 */
export function scheduleBuilds(builders: readonly Abilities[], platforms: readonly string[]): ReadonlyMap<string, string> {
  const wanted = platforms.length > 0 ? platforms : [...new Set(builders.flatMap(({ native }) => native))].sort();
  const local = builders.filter(({ isLocal }) => isLocal);
  const choose = (platform: string): string => {
    const found =
      [...local, ...builders].find(({ native }) => native.includes(platform)) ??
      builders.find(({ emulated }) => emulated.includes(platform));
    if (found === undefined)
      throw new ToolError("unavailable", `no builder capable of building for platform ${JSON.stringify(platform)} available`);
    return found.name;
  };
  return new Map(wanted.map((platform) => [platform, choose(platform)]));
}
