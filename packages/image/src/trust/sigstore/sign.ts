import { type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "../../manifest/manifest-digest.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING_TYPE } from "../requirements/sigstore-signed.ts";
import { encodeSigstoreSignature } from "../signature-kind.ts";
import { buildSigstorePayload } from "../simple-signing/payload.ts";
import { openSigstoreKey } from "./private-key.ts";

export interface SignWithSigstore {
  /** File of the encrypted private key. */
  readonly keyFile: string;
  readonly passphrase: string;
  /** Written into the signature: who made it. */
  readonly creator: string;
}

/** The function that signs manifests under this name; the key is opened now, so that a wrong passphrase is told before anything is copied. */
export function sigstoreSigner(identity: NamedReference, how: SignWithSigstore): (manifest: Uint8Array) => Uint8Array {
  let key: KeyObject;
  try {
    key = openSigstoreKey(readFileSync(how.keyFile, "utf8"), how.passphrase);
  } catch (error) {
    throw wrapError(`loading private key ${how.keyFile}`, error);
  }
  return (manifest) => {
    const claim = { digest: manifestDigest(manifest), reference: identity.toString() };
    const payload = buildSigstorePayload(claim, { creator: how.creator, timestamp: Math.floor(Date.now() / 1000) });
    const signature = sign("sha256", payload, key).toString("base64");
    return encodeSigstoreSignature({ mimeType: SIMPLE_SIGNING_TYPE, payload, annotations: { [SIGNATURE_ANNOTATION]: signature } });
  };
}

/** What a parameter file says that keys can do: containers-sigstore-signing-params.yaml(5). */
export interface SigstoreParameters {
  readonly privateKeyFile: string;
  readonly privateKeyPassphraseFile?: string;
}

/**
 * Reads a parameter file of `--sign-by-sigstore`.
 *
 * @throws unsupported when it asks for a certificate of Fulcio or an entry in Rekor's log; invalid-argument
 */
export function loadSigstoreParameters(path: string): SigstoreParameters {
  let content: unknown;
  try {
    content = Bun.YAML.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw wrapError(`reading sigstore signing parameters ${path}`, error);
  }
  const settings = typeof content === "object" && content !== null ? (content as Readonly<Record<string, unknown>>) : {};
  for (const online of ["fulcio", "rekorURL"]) {
    if (settings[online] !== undefined)
      throw new ToolError("unsupported", `${path}: ${online} is not supported`, { hint: "sign with a key: privateKeyFile" });
  }
  const unknown = Object.keys(settings).find((key) => key !== "privateKeyFile" && key !== "privateKeyPassphraseFile");
  if (unknown !== undefined) throw new ToolError("invalid-argument", `${path}: unknown key ${unknown}`);
  const { privateKeyFile, privateKeyPassphraseFile } = settings;
  if (typeof privateKeyFile !== "string") throw new ToolError("invalid-argument", `${path}: no privateKeyFile is given`);
  return { privateKeyFile, privateKeyPassphraseFile: typeof privateKeyPassphraseFile === "string" ? privateKeyPassphraseFile : undefined };
}
