import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { wrapError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "../../manifest/manifest-digest.ts";
import type { NamedReference } from "../../reference/reference.ts";
import {
  CERTIFICATE_ANNOTATION,
  CHAIN_ANNOTATION,
  LOG_ANNOTATION,
  SIGNATURE_ANNOTATION,
  SIMPLE_SIGNING_TYPE,
} from "../requirements/sigstore-signed.ts";
import { encodeSigstoreSignature } from "../signature-kind.ts";
import { buildSigstorePayload } from "../simple-signing/payload.ts";
import type { FulcioParameters } from "./parameters.ts";
import { openSigstoreKey } from "./private-key.ts";

/** What signs: a key, and where Fulcio has certified it, its certificates in PEM. */
export interface SigningMaterial {
  readonly key: KeyObject;
  readonly certificate?: string;
  readonly chain?: string;
}

export interface SignWithSigstore {
  /** Written into the signature: who made it. */
  readonly creator: string;
  /** The log that is to have the signature. */
  readonly rekorUrl?: string;
}

/** The key of a file; opened at once, so that a wrong passphrase is told before anything is copied. */
export function keyMaterial(keyFile: string, passphrase: string): SigningMaterial {
  try {
    return { key: openSigstoreKey(readFileSync(keyFile, "utf8"), passphrase) };
  } catch (error) {
    throw wrapError(`loading private key ${keyFile}`, error);
  }
}

/** A key for this once, certified for who signs in at the provider. */
export async function fulcioMaterial({ url, oidc }: FulcioParameters): Promise<SigningMaterial> {
  const [{ obtainIdentityToken }, { certifyKey }] = await Promise.all([import("./oidc/identity-token.ts"), import("./fulcio.ts")]);
  const { key, certificate, chain } = await certifyKey(url, await obtainIdentityToken(oidc));
  return { key, certificate, ...(chain === "" ? {} : { chain }) };
}

/** The function that signs manifests under this name. */
export function sigstoreSigner(
  identity: NamedReference,
  material: SigningMaterial,
  how: SignWithSigstore,
): (manifest: Uint8Array) => Promise<Uint8Array> {
  return async (manifest) => {
    const claim = { digest: manifestDigest(manifest), reference: identity.toString() };
    const payload = buildSigstorePayload(claim, { creator: how.creator, timestamp: Math.floor(Date.now() / 1000) });
    const signature = sign("sha256", payload, material.key);
    const log = how.rekorUrl === undefined ? undefined : await logged(how.rekorUrl, { material, signature, payload });
    const annotations = {
      [SIGNATURE_ANNOTATION]: signature.toString("base64"),
      ...(material.certificate === undefined ? {} : { [CERTIFICATE_ANNOTATION]: material.certificate }),
      ...(material.chain === undefined ? {} : { [CHAIN_ANNOTATION]: material.chain }),
      ...(log === undefined ? {} : { [LOG_ANNOTATION]: log }),
    };
    return encodeSigstoreSignature({ mimeType: SIMPLE_SIGNING_TYPE, payload, annotations });
  };
}

interface Made {
  readonly material: SigningMaterial;
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
}

async function logged(rekorUrl: string, { material, signature, payload }: Made): Promise<string> {
  const { logSignature } = await import("./rekor.ts");
  const keyOrCertificate = material.certificate ?? createPublicKey(material.key).export({ type: "spki", format: "pem" }).toString();
  return await logSignature(rekorUrl, { keyOrCertificate, signature, payload });
}
