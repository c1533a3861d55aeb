import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { SigstoreSignedRequirement } from "../requirement.ts";
import { decodeSigstoreSignature, signatureKind } from "../signature-kind.ts";
import { parsePayload, SIGSTORE_TYPE } from "../simple-signing/payload.ts";
import { checkClaim, noSignature, readKeys, requireOne, type UntrustedImage } from "./signed-by.ts";

export const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";
export const SIMPLE_SIGNING_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";

/**
 * Passes when one of the image's sigstore signatures is by one of the requirement's public keys, over this manifest, under a name that is accepted.
 *
 * @throws denied with the reason for each signature; unsupported when the policy asks for certificates or a transparency log
 */
export async function requireSigstoreSigned(requirement: SigstoreSignedRequirement, image: UntrustedImage): Promise<void> {
  if (requirement.unsupported !== undefined) {
    throw new ToolError("unsupported", `the policy's "${requirement.unsupported}" of a sigstoreSigned requirement cannot be checked`, {
      code: "policy-unsupported",
      hint: "public keys can: keyPath, keyPaths, keyData, keyDatas",
    });
  }
  const signatures = image.signatures.filter((signature) => signatureKind(signature) === "sigstore");
  if (signatures.length === 0) throw noSignature();
  const keys = readKeys(requirement.keys).map(publicKey);
  await requireOne(signatures, async (signature) => check(signature, { requirement, image, keys }));
}

/** @throws invalid-argument when it is no public key in PEM */
export function publicKey(pem: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(pem), format: "pem" });
  } catch (error) {
    throw wrapError("parsing public key", error);
  }
}

function check(
  bytes: Uint8Array,
  against: { readonly requirement: SigstoreSignedRequirement; readonly image: UntrustedImage; readonly keys: readonly KeyObject[] },
): void {
  const signature = decodeSigstoreSignature(bytes);
  if (signature === undefined) throw denied("the sigstore signature is malformed");
  if (signature.mimeType !== SIMPLE_SIGNING_TYPE) throw denied(`unrecognized sigstore payload type ${JSON.stringify(signature.mimeType)}`);
  const encoded = signature.annotations[SIGNATURE_ANNOTATION];
  if (encoded === undefined) throw denied(`missing ${SIGNATURE_ANNOTATION} annotation`);
  const raw = Buffer.from(encoded, "base64");
  if (!against.keys.some((key) => isSignedBy(key, signature.payload, raw))) {
    throw denied("cryptographic signature verification failed: by none of the trusted keys");
  }
  checkClaim(parsePayload(signature.payload, SIGSTORE_TYPE), { identity: against.requirement.identity, image: against.image });
}

function isSignedBy(key: KeyObject, payload: Uint8Array, signature: Uint8Array): boolean {
  // Ed25519 hashes by itself.
  const algorithm = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  try {
    return verify(algorithm, payload, key, signature);
  } catch {
    return false;
  }
}

function denied(message: string): ToolError {
  return new ToolError("denied", message, { code: "policy-rejected" });
}
