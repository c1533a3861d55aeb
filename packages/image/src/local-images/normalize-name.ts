import { wrapError } from "@containers/common/errors/tool-error";
import { type NamedReference, parseNormalizedName, withDefaultTag } from "../reference/reference.ts";
import { hasRegistry, parseTypedName } from "../registries-conf/alias-name.ts";

/**
 * The full name that a name given by the user gets in the store: short names belong to `localhost/`, `:latest` is added, and of a name with
 * tag and digest only the digest stays.
 *
 * @throws invalid-argument
 */
export function normalizeName(name: string): NamedReference {
  const short = !hasRegistry(name);
  return withDefaultTag(withoutTagOfDigest(parse(name, short ? `localhost/${name.replace(/^\/+/, "")}` : name)));
}

function parse(typed: string, full: string): NamedReference {
  try {
    return parseTypedName(full);
  } catch (error) {
    throw wrapError(`normalizing name "${typed}"`, error);
  }
}

/** A tag beside a digest says nothing about which image is meant. */
export function withoutTagOfDigest(reference: NamedReference): NamedReference {
  if (reference.tag === undefined || reference.digest === undefined) return reference;
  return parseNormalizedName(`${reference.name}@${reference.digest}`);
}
