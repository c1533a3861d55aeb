import type { NamedReference } from "../reference/reference.ts";
import { parseNormalizedName } from "../reference/reference.ts";
import type { RegistryAccess } from "../transports/transport.ts";
import { refuseBlocked } from "./blocked.ts";
import { loadRegistriesConf } from "./load.ts";
import { findRegistry, matchedLength } from "./match.ts";
import type { RegistriesConf, RegistryEndpoint, RegistryEntry } from "./types.ts";

/** Where an image may be fetched from. Credentials of the caller are for the host of the reference as the user gave it, never for a mirror on another. */
export interface ResolvedEndpoint {
  readonly reference: NamedReference;
  /** Certificates need not verify and plain http may be tried: `--tls-verify` when given, else registries.conf. */
  readonly insecure: boolean;
  readonly isMirror: boolean;
}

/**
 * The places to fetch a reference from, in the order to try them: its mirrors, then its registry.
 *
 * @throws denied when registries.conf blocks the registry
 */
export function resolveEndpoints(
  reference: NamedReference,
  access: RegistryAccess = {},
  conf: RegistriesConf = loadRegistriesConf(access),
): readonly ResolvedEndpoint[] {
  const entry = findRegistry(conf, reference.toString());
  if (entry === undefined) return [{ reference, insecure: access.tlsVerify === false, isMirror: false }];
  refuseBlocked(entry, conf);
  const mirrors = usableMirrors(entry, reference.digest !== undefined);
  return [...mirrors, entry].map((endpoint) => ({
    reference: rewrite(reference, entry.prefix, endpoint),
    insecure: access.tlsVerify === undefined ? endpoint.insecure : !access.tlsVerify,
    isMirror: endpoint !== entry,
  }));
}

/**
 * Where an image is pushed to or deleted from: the registry as named, for mirrors and `location` serve reading alone.
 *
 * @throws denied when registries.conf blocks the registry
 */
export function resolveDestination(
  reference: NamedReference,
  access: RegistryAccess = {},
  conf: RegistriesConf = loadRegistriesConf(access),
): ResolvedEndpoint {
  const entry = findRegistry(conf, reference.name);
  if (entry !== undefined) refuseBlocked(entry, conf);
  const insecure = access.tlsVerify === undefined ? entry?.insecure === true : !access.tlsVerify;
  return { reference, insecure, isMirror: false };
}

/**
 * How a registry as a whole is reached: for its catalog, for search and for log-in.
 *
 * @throws denied when registries.conf blocks it
 */
export function resolveRegistry(
  registry: string,
  access: RegistryAccess = {},
  conf: RegistriesConf = loadRegistriesConf(access),
): { readonly insecure: boolean } {
  const entry = findRegistry(conf, registry);
  if (entry !== undefined) refuseBlocked(entry, conf);
  return { insecure: access.tlsVerify === undefined ? entry?.insecure === true : !access.tlsVerify };
}

function usableMirrors(entry: RegistryEntry, digested: boolean): readonly RegistryEndpoint[] {
  if (entry.mirrorByDigestOnly) return digested ? entry.mirrors : [];
  return entry.mirrors.filter((mirror) => mirror.pullFromMirror === "all" || (mirror.pullFromMirror === "digest-only") === digested);
}

function rewrite(reference: NamedReference, prefix: string, endpoint: RegistryEndpoint): NamedReference {
  if (endpoint.location === "") return reference;
  const text = reference.toString();
  return parseNormalizedName(endpoint.location + text.slice(matchedLength(text, prefix)));
}
