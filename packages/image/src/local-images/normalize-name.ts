import { type NamedReference, parseNormalizedName, withDefaultTag } from "../reference/reference.ts";
import { hasRegistry } from "../registries-conf/alias-name.ts";

/**
 * The full name that a name given by the user gets in the store: short names belong to `localhost/`, `:latest` is added, and of a name with
 * tag and digest only the digest stays.
 *
 * @throws invalid-argument
 */
export function normalizeName(name: string): NamedReference {
  const short = !hasRegistry(name);
  const reference = parseNormalizedName(short ? `localhost/${name.replace(/^\/+/, "")}` : name);
  return withDefaultTag(withoutTagOfDigest(reference));
}

/** A tag beside a digest says nothing about which image is meant. */
export function withoutTagOfDigest(reference: NamedReference): NamedReference {
  if (reference.tag === undefined || reference.digest === undefined) return reference;
  return parseNormalizedName(`${reference.name}@${reference.digest}`);
}
