import { type IdentityMatch, parseIdentityMatch } from "./identity.ts";
import { type KeySources, keySources } from "./key-sources.ts";
import { invalidPolicy, onlyKeys } from "./policy-error.ts";
import { parseSigstoreSigned, type SigstoreSignedRequirement } from "./sigstore-requirement.ts";

/** What an image must satisfy (containers-policy.json(5)). */
export type PolicyRequirement =
  | { readonly type: "insecureAcceptAnything" }
  | { readonly type: "reject" }
  | SignedByRequirement
  | SigstoreSignedRequirement
  | { readonly type: "signedBaseLayer"; readonly baseLayerIdentity: IdentityMatch };

/** A simple signature by one of the GPG keys. */
export interface SignedByRequirement {
  readonly type: "signedBy";
  readonly keyType: string;
  readonly keys: KeySources;
  readonly identity: IdentityMatch;
}

type Settings = Readonly<Record<string, unknown>>;

const KEY_TYPES = ["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs"];

/**
 * One requirement, strictly: a misspelt key is refused, for a policy must not be weaker than its author meant.
 *
 * @throws invalid-argument
 */
export function parseRequirement(settings: Settings): PolicyRequirement {
  const type = settings["type"];
  if (type === "insecureAcceptAnything" || type === "reject") {
    onlyKeys(settings, ["type"], `a requirement "${type}"`);
    return { type };
  }
  if (type === "signedBy") return signedBy(settings);
  if (type === "sigstoreSigned") return parseSigstoreSigned(settings);
  if (type === "signedBaseLayer") {
    onlyKeys(settings, ["type", "baseLayerIdentity"], 'a requirement "signedBaseLayer"');
    if (settings["baseLayerIdentity"] === undefined) throw invalidPolicy("baseLayerIdentity not specified");
    return { type, baseLayerIdentity: parseIdentityMatch(settings["baseLayerIdentity"]) };
  }
  throw invalidPolicy(`unknown policy requirement type "${String(type)}"`);
}

function signedBy(settings: Settings): SignedByRequirement {
  onlyKeys(settings, ["type", "keyType", "keyPath", "keyPaths", "keyData", "signedIdentity"], 'a requirement "signedBy"');
  const keyType = settings["keyType"];
  if (typeof keyType !== "string" || !KEY_TYPES.includes(keyType)) {
    throw invalidPolicy(`unrecognized keyType value ${JSON.stringify(keyType ?? "")}`);
  }
  const given = ["keyPath", "keyPaths", "keyData"].filter((key) => settings[key] !== undefined);
  if (given.length !== 1) throw invalidPolicy("exactly one of keyPath, keyPaths and keyData must be specified");
  return { type: "signedBy", keyType, keys: keySources(settings, "key"), identity: parseIdentityMatch(settings["signedIdentity"]) };
}
