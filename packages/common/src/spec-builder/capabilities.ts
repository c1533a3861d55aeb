import type { CapabilitySets } from "./runtime-spec.ts";
import type { SpecInput } from "./spec-input.ts";

/**
 * The five sets. Root holds the capabilities effectively; another user has them only in the bounding set, unless the user
 * asked for some by name, which then become ambient.
 */
export function capabilitySets(input: Pick<SpecInput, "capabilities" | "user" | "namedCapabilities">): CapabilitySets {
  const all = input.capabilities;
  if (input.user.uid === 0) return { bounding: all, effective: all, permitted: all };
  const named = (input.namedCapabilities ?? []).filter((name) => all.includes(name));
  if (named.length === 0) return { bounding: all };
  return { bounding: all, effective: named, permitted: named, inheritable: named, ambient: named };
}
