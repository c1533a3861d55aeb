import type { RegistriesConf, RegistryEntry } from "./types.ts";

/**
 * How much of `reference` a prefix covers: the number of characters that a rewrite replaces, or -1 when it does not match.
 * A prefix ends at the end of a host, a path component, a tag or a digest; `*.example.com` covers the whole host.
 */
export function matchedLength(reference: string, prefix: string): number {
  const end = prefix.startsWith("*.") ? wildcardEnd(reference, prefix.slice(1)) : reference.startsWith(prefix) ? prefix.length : -1;
  if (end === -1 || end === reference.length) return end;
  return ":/@".includes(reference.charAt(end)) ? end : -1;
}

/** The entry with the longest prefix that covers the reference. */
export function findRegistry(conf: RegistriesConf, reference: string): RegistryEntry | undefined {
  let best: RegistryEntry | undefined;
  for (const entry of conf.registries) {
    if (matchedLength(reference, entry.prefix) === -1) continue;
    if (best === undefined || entry.prefix.length > best.prefix.length) best = entry;
  }
  return best;
}

function wildcardEnd(reference: string, suffix: string): number {
  const at = reference.indexOf(suffix);
  if (at === -1 || reference.slice(0, at).includes("/")) return -1;
  return at + suffix.length;
}
