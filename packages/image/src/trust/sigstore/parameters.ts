import { readFileSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";

/** How Fulcio is to know who signs. */
export type OidcChoice =
  | { readonly mode: "staticToken"; readonly token: string }
  | {
      readonly mode: "deviceGrant" | "interactive";
      readonly issuerUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

export interface FulcioParameters {
  readonly url: string;
  readonly oidc: OidcChoice;
}

/** A parameter file of `--sign-by-sigstore`: containers-sigstore-signing-params.yaml(5). */
export interface SigstoreParameters {
  /** What signs: a key, or a passing one with a certificate of Fulcio's. */
  readonly key: { readonly file: string; readonly passphraseFile?: string } | { readonly fulcio: FulcioParameters };
  /** The log that is to have the signature. */
  readonly rekorUrl?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const FIELDS = ["privateKeyFile", "privateKeyPassphraseFile", "fulcio", "rekorURL"];
const FULCIO_FIELDS = ["fulcioURL", "oidcMode", "oidcIDToken", "oidcIssuerURL", "oidcClientID", "oidcClientSecret"];

/** @throws invalid-argument for what the file cannot say */
export function loadSigstoreParameters(path: string): SigstoreParameters {
  try {
    return parseParameters(readYaml(path));
  } catch (error) {
    throw wrapError(`setting up signing using parameter file ${JSON.stringify(path)}`, error);
  }
}

function readYaml(path: string): Fields {
  let content: unknown;
  try {
    content = Bun.YAML.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw wrapError(`reading ${JSON.stringify(path)}`, error);
  }
  return checked(content, FIELDS, `parsing ${JSON.stringify(path)}`);
}

function parseParameters(settings: Fields): SigstoreParameters {
  const privateKeyFile = text(settings, "privateKeyFile");
  const { fulcio } = settings;
  if (fulcio !== undefined && fulcio !== null && privateKeyFile !== "")
    throw invalid("multiple private key sources specified when preparing to create sigstore signatures");
  const rekor = text(settings, "rekorURL");
  const rekorUrl = rekor === "" ? {} : { rekorUrl: address(rekor, "rekorURL") };
  if (fulcio !== undefined && fulcio !== null)
    return { ...rekorUrl, key: { fulcio: parseFulcio(checked(fulcio, FULCIO_FIELDS, "fulcio")) } };
  if (privateKeyFile === "")
    throw invalid("no private key source provided (neither a private key nor Fulcio) when preparing to create sigstore signatures");
  const passphraseFile = text(settings, "privateKeyPassphraseFile");
  return { ...rekorUrl, key: { file: privateKeyFile, ...(passphraseFile === "" ? {} : { passphraseFile }) } };
}

function parseFulcio(settings: Fields): FulcioParameters {
  const url = address(required(settings, "fulcioURL"), "fulcioURL");
  const mode = text(settings, "oidcMode");
  if (mode === "") throw invalid("missing oidcMode");
  if (mode === "staticToken") return { url, oidc: { mode, token: required(settings, "oidcIDToken", "oidcToken") } };
  const issuerUrl = address(required(settings, "oidcIssuerURL"), "oidcIssuerURL");
  if (mode !== "deviceGrant" && mode !== "interactive") throw invalid(`unknown oidcMode value ${JSON.stringify(mode)}`);
  return { url, oidc: { mode, issuerUrl, clientId: text(settings, "oidcClientID"), clientSecret: text(settings, "oidcClientSecret") } };
}

function checked(value: unknown, known: readonly string[], what: string): Fields {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(`${what}: not a mapping`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid(`${what}: field ${unknown} not found`);
  return value as Fields;
}

function required(settings: Fields, name: string, called = name): string {
  const value = text(settings, name);
  if (value === "") throw invalid(`missing ${called}`);
  return value;
}

function text(settings: Fields, name: string): string {
  const value = settings[name];
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw invalid(`${name} is no text`);
}

function address(value: string, what: string): string {
  if (!URL.canParse(value)) throw invalid(`parsing ${what} ${JSON.stringify(value)}: it is no URL`);
  return value.replace(/\/+$/, "");
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
