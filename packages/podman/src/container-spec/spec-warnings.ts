import type { ContainerSpec } from "./container-spec.ts";

/** What a spec asks for and its other settings make meaningless: lines for the user. */
export function specWarnings({ network }: ContainerSpec): readonly string[] {
  const mode = network.mode?.kind;
  const publishes = (network.ports?.length ?? 0) > 0 || network.publishAll === true;
  if (!publishes || (mode !== "host" && mode !== "none" && mode !== "container")) return [];
  return [`Port mappings have been discarded because "${mode}" network namespace mode does not support them`];
}
