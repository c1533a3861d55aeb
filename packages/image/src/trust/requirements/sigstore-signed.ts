import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { type KeySources, readKeys } from "../key-sources.ts";
import { decodeSigstoreSignature, type SigstoreSignature, signatureKind } from "../signature-kind.ts";
import type { SigstoreSignedRequirement } from "../sigstore-requirement.ts";
import { parsePayload, SIGSTORE_TYPE } from "../simple-signing/payload.ts";
import { checkClaim, noSignature, requireOne, type UntrustedImage } from "./signed-by.ts";

export const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";
export const SIMPLE_SIGNING_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";

/** What a signature of cosign's brings along, and what the log said of it. */
export const CERTIFICATE_ANNOTATION = "dev.sigstore.cosign/certificate";
export const CHAIN_ANNOTATION = "dev.sigstore.cosign/chain";
export const LOG_ANNOTATION = "dev.sigstore.cosign/bundle";

/**
 * Passes when one of the image's sigstore signatures is by whom the requirement names (by a public key, or by a certificate for an identity), is in
 * the log that it names, is over this manifest, and under a name that is accepted.
 *
 * @throws denied with the reason for each signature
 */
export async function requireSigstoreSigned(requirement: SigstoreSignedRequirement, image: UntrustedImage): Promise<void> {
  const signatures = image.signatures.filter((signature) => signatureKind(signature) === "sigstore");
  if (signatures.length === 0) throw noSignature(otherKinds(image));
  const authors = await authorsOf(requirement);
  await requireOne(signatures, async (signature) => check(signature, { requirement, image, authors }));
}

function otherKinds({ signatures }: UntrustedImage): string {
  return signatures.length === 0 ? "" : ` (${signatures.length} non-sigstore signatures)`;
}

/** The signature as it came; nothing in it is believed. */
interface Untrusted {
  readonly signature: SigstoreSignature;
  readonly raw: Buffer;
}

/** The keys that may have made a signature. @throws denied when what it brings along does not prove that */
type Authors = (untrusted: Untrusted) => readonly KeyObject[];

async function authorsOf({ author, log }: SigstoreSignedRequirement): Promise<Authors> {
  if (author.by === "keys") {
    const keys = readKeys(author.keys).map(publicKey);
    return log === undefined ? () => keys : keysInLog(keys, await loadLog(log));
  }
  const [{ fulcioKey, pkiKey }, { parseCertificates }] = await Promise.all([
    import("../sigstore/certificate-identity.ts"),
    import("../x509/certificate.ts"),
  ]);
  const roots = readKeys(author.roots).flatMap((pem) => parseCertificates(pem));
  if (roots.length === 0) throw new ToolError("invalid-argument", "error loading the policy's CA certificates: there are none");
  if (author.by === "pki") {
    const intermediates = readKeys(author.intermediates).flatMap((pem) => parseCertificates(pem));
    return ({ signature }) => [pkiKey({ ...author, roots, intermediates }, certificatesOf(signature))];
  }
  const inLog = await loadLog(log ?? { paths: [], data: [] });
  const { parseCertificate } = await import("../x509/certificate.ts");
  return (untrusted) => {
    const certificates = certificatesOf(untrusted.signature);
    // Fulcio's certificates are valid for minutes: what counts is when the log took the signature.
    const time = inLog(untrusted, parseCertificate(Buffer.from(certificates.certificate)).x509.raw);
    return [fulcioKey({ ...author, roots }, certificates, time)];
  };
}

type InLog = (untrusted: Untrusted, keyOrCertificate: Uint8Array) => Date;

async function loadLog(sources: KeySources): Promise<InLog> {
  const { verifyRekorSet } = await import("../sigstore/rekor-set.ts");
  const keys = readKeys(sources).map(publicKey);
  if (keys.some(({ asymmetricKeyType }) => asymmetricKeyType !== "ec"))
    throw new ToolError("invalid-argument", "a Rekor public key is not using ECDSA");
  return ({ signature, raw }, keyOrCertificate) =>
    verifyRekorSet(keys, annotation(signature, LOG_ANNOTATION), { keyOrCertificate, signature: raw, payload: signature.payload });
}

/** A log's entry names one key: the one of ours that it is, if any. */
function keysInLog(keys: readonly KeyObject[], inLog: InLog): Authors {
  return (untrusted) => {
    const failures: string[] = [];
    for (const key of keys) {
      try {
        inLog(untrusted, key.export({ type: "spki", format: "der" }));
        return [key];
      } catch (error) {
        failures.push(describeError(error));
      }
    }
    throw denied(`No public key verified against the RekorSET: ${failures.join(", ")}`);
  };
}

function certificatesOf(signature: SigstoreSignature): { readonly certificate: string; readonly chain: string | undefined } {
  return { certificate: annotation(signature, CERTIFICATE_ANNOTATION), chain: signature.annotations[CHAIN_ANNOTATION] };
}

function annotation({ annotations }: SigstoreSignature, name: string): string {
  const value = annotations[name];
  if (value === undefined) throw denied(`missing ${name} annotation`);
  return value;
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
  against: { readonly requirement: SigstoreSignedRequirement; readonly image: UntrustedImage; readonly authors: Authors },
): void {
  const signature = decodeSigstoreSignature(bytes);
  if (signature === undefined) throw denied("the sigstore signature is malformed");
  if (signature.mimeType !== SIMPLE_SIGNING_TYPE) throw denied(`unrecognized sigstore payload type ${JSON.stringify(signature.mimeType)}`);
  const raw = Buffer.from(annotation(signature, SIGNATURE_ANNOTATION), "base64");
  if (!against.authors({ signature, raw }).some((key) => isSignedBy(key, signature.payload, raw))) {
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
