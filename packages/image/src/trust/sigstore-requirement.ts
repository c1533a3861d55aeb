import { type IdentityMatch, parseIdentityMatch } from "./identity.ts";
import { type KeySources, keySources, policyText } from "./key-sources.ts";
import { invalidPolicy, onlyKeys } from "./policy-error.ts";

/** A sigstore signature by one of the public keys, or by the holder of a certificate. */
export interface SigstoreSignedRequirement {
  readonly type: "sigstoreSigned";
  readonly author:
    | { readonly by: "keys"; readonly keys: KeySources }
    | { readonly by: "fulcio"; readonly roots: KeySources; readonly oidcIssuer: string; readonly subjectEmail: string }
    | {
        readonly by: "pki";
        readonly roots: KeySources;
        readonly intermediates: KeySources;
        readonly subjectEmail?: string;
        readonly subjectHostname?: string;
      };
  /** Keys of the transparency log that must have the signature; undefined when none needs to. */
  readonly log?: KeySources;
  readonly identity: IdentityMatch;
}

type Settings = Readonly<Record<string, unknown>>;

const AUTHORS = ["keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki"];
const LOGS = ["rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"];

/**
 * A requirement `sigstoreSigned`, strictly (containers-policy.json(5)).
 *
 * @throws invalid-argument
 */
export function parseSigstoreSigned(settings: Settings): SigstoreSignedRequirement {
  onlyKeys(settings, ["type", ...AUTHORS, ...LOGS, "signedIdentity"], 'a requirement "sigstoreSigned"');
  if (given(settings, AUTHORS).length !== 1)
    throw invalidPolicy("exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and pki must be specified");
  const author = parseAuthor(settings);
  const logs = given(settings, LOGS);
  const named = "rekorPublicKeyPath, rekorPublicKeyPaths, rekorPublicKeyData and rekorPublicKeyDatas";
  if (logs.length > 1) throw invalidPolicy(`at most one of ${named} can be used simultaneously`);
  if (author.by === "fulcio" && logs.length === 0) throw invalidPolicy(`At least one of ${named} must be specified if fulcio is used`);
  if (author.by === "pki" && logs.length > 0) throw invalidPolicy(`${named} are not supported for pki`);
  return {
    type: "sigstoreSigned",
    author,
    identity: parseIdentityMatch(settings["signedIdentity"]),
    ...(logs.length === 0 ? {} : { log: keySources(settings, "rekorPublicKey") }),
  };
}

function parseAuthor(settings: Settings): SigstoreSignedRequirement["author"] {
  if (settings["fulcio"] !== undefined) return parseFulcio(object(settings["fulcio"], "fulcio"));
  if (settings["pki"] !== undefined) return parsePki(object(settings["pki"], "pki"));
  return { by: "keys", keys: keySources(settings, "key") };
}

function parseFulcio(settings: Settings): SigstoreSignedRequirement["author"] {
  onlyKeys(settings, ["caPath", "caData", "oidcIssuer", "subjectEmail"], "fulcio");
  requireOne(settings, ["caPath", "caData"]);
  for (const key of ["oidcIssuer", "subjectEmail"]) if (settings[key] === undefined) throw invalidPolicy(`${key} not specified`);
  return {
    by: "fulcio",
    roots: keySources(settings, "ca"),
    oidcIssuer: policyText(settings, "oidcIssuer"),
    subjectEmail: policyText(settings, "subjectEmail"),
  };
}

function parsePki(settings: Settings): SigstoreSignedRequirement["author"] {
  const keys = ["caRootsPath", "caRootsData", "caIntermediatesPath", "caIntermediatesData", "subjectEmail", "subjectHostname"];
  onlyKeys(settings, keys, "pki");
  requireOne(settings, ["caRootsPath", "caRootsData"]);
  refuseBoth(settings, ["caIntermediatesPath", "caIntermediatesData"]);
  const subjects = given(settings, ["subjectEmail", "subjectHostname"]);
  if (subjects.length === 0) throw invalidPolicy("At least one of subjectEmail, subjectHostname must be specified");
  return {
    by: "pki",
    roots: keySources(settings, "caRoots"),
    intermediates: keySources(settings, "caIntermediates"),
    ...Object.fromEntries(subjects.map((key) => [key, policyText(settings, key)])),
  };
}

function requireOne(settings: Settings, keys: readonly [string, string]): void {
  refuseBoth(settings, keys);
  if (given(settings, keys).length === 0) throw invalidPolicy(`At least one of ${keys.join(" and ")} must be specified`);
}

function refuseBoth(settings: Settings, keys: readonly [string, string]): void {
  if (given(settings, keys).length > 1) throw invalidPolicy(`${keys.join(" and ")} cannot be used simultaneously`);
}

function given(settings: Settings, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => settings[key] !== undefined);
}

function object(value: unknown, what: string): Settings {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Settings;
  throw invalidPolicy(`${what} must be an object`);
}
