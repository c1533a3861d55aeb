import { type IdentityMatch, parseIdentityMatch } from "./identity.ts";
import { invalidPolicy, onlyKeys } from "./policy-error.ts";

/** Keys as a policy names them: files (each may hold several keys) and contents. */
export interface KeySources {
  readonly paths: readonly string[];
  readonly data: readonly Uint8Array[];
}

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

/** A sigstore signature by one of the public keys. */
export interface SigstoreSignedRequirement {
  readonly type: "sigstoreSigned";
  readonly keys: KeySources;
  readonly identity: IdentityMatch;
  /** Set when the policy asks for what needs Fulcio, Rekor or certificates: which key says so. */
  readonly unsupported?: string;
}

type Settings = Readonly<Record<string, unknown>>;

const KEY_TYPES = ["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs"];
const REKOR = ["rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"];

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
  if (type === "sigstoreSigned") return sigstoreSigned(settings);
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
  return { type: "signedBy", keyType, keys: keySources(settings), identity: parseIdentityMatch(settings["signedIdentity"]) };
}

function sigstoreSigned(settings: Settings): SigstoreSignedRequirement {
  const sources = ["keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki"];
  onlyKeys(settings, ["type", ...sources, ...REKOR, "signedIdentity"], 'a requirement "sigstoreSigned"');
  const given = sources.filter((key) => settings[key] !== undefined);
  if (given.length !== 1) {
    throw invalidPolicy("exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and pki must be specified");
  }
  const unsupported = ["fulcio", "pki", ...REKOR].find((key) => settings[key] !== undefined);
  return {
    type: "sigstoreSigned",
    keys: keySources(settings),
    identity: parseIdentityMatch(settings["signedIdentity"]),
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

function keySources(settings: Settings): KeySources {
  const one = (key: string): readonly string[] => (settings[key] === undefined ? [] : [text(settings[key], key)]);
  const many = (key: string): readonly string[] => {
    const value = settings[key];
    if (value === undefined) return [];
    if (!Array.isArray(value) || value.length === 0) throw invalidPolicy(`${key} must be a list that is not empty`);
    return value.map((entry) => text(entry, key));
  };
  return {
    paths: [...one("keyPath"), ...many("keyPaths")],
    data: [...one("keyData"), ...many("keyDatas")].map((data) => new Uint8Array(Buffer.from(data, "base64"))),
  };
}

function text(value: unknown, key: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalidPolicy(`${key} must be a text that is not empty`);
}
