import { isNameOnly, type NamedReference, parseNormalizedName } from "../reference/reference.ts";
import { invalidPolicy, onlyKeys } from "./policy-error.ts";

/** Which name a signature must claim for the image (containers-policy.json(5), `signedIdentity`). */
export type IdentityMatch =
  | { readonly type: "matchExact" | "matchRepoDigestOrExact" | "matchRepository" }
  | { readonly type: "exactReference"; readonly reference: NamedReference }
  | { readonly type: "exactRepository"; readonly repository: NamedReference }
  | { readonly type: "remapIdentity"; readonly prefix: string; readonly signedPrefix: string };

/**
 * The policy's `signedIdentity`; absent, it is `matchRepoDigestOrExact`.
 *
 * @throws invalid-argument
 */
export function parseIdentityMatch(value: unknown): IdentityMatch {
  if (value === undefined) return { type: "matchRepoDigestOrExact" };
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidPolicy("signedIdentity must be an object");
  const settings = value as Readonly<Record<string, unknown>>;
  const type = settings["type"];
  switch (type) {
    case "matchExact":
    case "matchRepoDigestOrExact":
    case "matchRepository":
      onlyKeys(settings, ["type"], `signedIdentity "${type}"`);
      return { type };
    case "exactReference": {
      onlyKeys(settings, ["type", "dockerReference"], `signedIdentity "${type}"`);
      const reference = name(settings["dockerReference"], "dockerReference");
      if (isNameOnly(reference)) throw invalidPolicy(`dockerReference "${reference}" contains neither a tag nor digest`);
      return { type, reference };
    }
    case "exactRepository":
      onlyKeys(settings, ["type", "dockerRepository"], `signedIdentity "${type}"`);
      return { type, repository: name(settings["dockerRepository"], "dockerRepository") };
    case "remapIdentity":
      onlyKeys(settings, ["type", "prefix", "signedPrefix"], `signedIdentity "${type}"`);
      return { type, prefix: prefix(settings["prefix"]), signedPrefix: prefix(settings["signedPrefix"]) };
    default:
      throw invalidPolicy(`unknown policy reference match type "${String(type)}"`);
  }
}

/** Whether a signature that claims `signed` speaks of the image that is called `image` (undefined: it has no such name). */
export function identityMatches(match: IdentityMatch, image: NamedReference | undefined, signed: string): boolean {
  const claimed = tryParse(signed);
  if (claimed === undefined) return false;
  if (match.type === "exactReference") return !isNameOnly(claimed) && claimed.toString() === match.reference.toString();
  if (match.type === "exactRepository") return claimed.name === match.repository.name;
  if (image === undefined) return false;
  switch (match.type) {
    case "matchExact":
      return !isNameOnly(image) && !isNameOnly(claimed) && claimed.toString() === image.toString();
    case "matchRepository":
      return claimed.name === image.name;
    case "matchRepoDigestOrExact":
      return repoDigestOrExact(image, claimed);
    case "remapIdentity": {
      const remapped = tryParse(remap(image, match));
      return remapped !== undefined && repoDigestOrExact(remapped, claimed);
    }
  }
}

/** A tag must be the signed one; a digest alone is compared to the signature's by whoever has the manifest. */
function repoDigestOrExact(image: NamedReference, claimed: NamedReference): boolean {
  if (isNameOnly(claimed)) return false;
  if (image.tag !== undefined) return claimed.toString() === image.toString();
  return image.digest !== undefined && claimed.name === image.name;
}

function remap(image: NamedReference, match: { readonly prefix: string; readonly signedPrefix: string }): string {
  const covered = image.name === match.prefix || image.name.startsWith(`${match.prefix}/`);
  return covered ? match.signedPrefix + image.toString().slice(match.prefix.length) : image.toString();
}

function name(value: unknown, key: string): NamedReference {
  const parsed = typeof value === "string" ? tryParse(value) : undefined;
  if (parsed === undefined) throw invalidPolicy(`invalid format of ${key} ${JSON.stringify(value ?? "")}`);
  return parsed;
}

/** A host, or a host and a path. */
function prefix(value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._-]+)*$/.test(value)) return value;
  throw invalidPolicy(`prefix ${JSON.stringify(value ?? "")} is not valid`);
}

function tryParse(text: string): NamedReference | undefined {
  try {
    return parseNormalizedName(text);
  } catch {
    return undefined;
  }
}
