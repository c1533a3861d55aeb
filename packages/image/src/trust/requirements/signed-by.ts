import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "../../manifest/manifest-digest.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { type Keyring, withKeyring } from "../gpg.ts";
import { identityMatches } from "../identity.ts";
import { readKeys } from "../key-sources.ts";
import type { SignedByRequirement } from "../requirement.ts";
import { signatureKind } from "../signature-kind.ts";
import { parsePayload } from "../simple-signing/payload.ts";

/** An image before it is trusted. */
export interface UntrustedImage {
  readonly reference: NamedReference | undefined;
  readonly manifest: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

/**
 * Passes when one of the image's simple signatures is by one of the requirement's keys, over this manifest, under a name that is accepted.
 *
 * @throws denied with the reason for each signature; unavailable when gpg is missing
 */
export async function requireSignedBy(requirement: SignedByRequirement, image: UntrustedImage): Promise<void> {
  if (requirement.keyType !== "GPGKeys") {
    throw new ToolError("unsupported", `Unimplemented "keyType" value "${requirement.keyType}"`, { code: "policy-unsupported" });
  }
  const signatures = image.signatures.filter((signature) => signatureKind(signature) === "simple");
  if (signatures.length === 0) throw noSignature();
  await withKeyring(readKeys(requirement.keys), async (keyring) => {
    if (keyring.fingerprints.length === 0) throw new ToolError("denied", "No public keys imported", { code: "policy-rejected" });
    await requireOne(signatures, (signature) => check(signature, { requirement, image, keyring }));
  });
}

export function noSignature(besides = ""): ToolError {
  return new ToolError("denied", `A signature was required, but no signature exists${besides}`, { code: "policy-rejected" });
}

/** Passes when one check does; else all reasons are told. */
export async function requireOne(signatures: readonly Uint8Array[], check: (signature: Uint8Array) => Promise<void>): Promise<void> {
  const reasons: unknown[] = [];
  for (const signature of signatures) {
    try {
      await check(signature);
      return;
    } catch (error) {
      reasons.push(error);
    }
  }
  if (reasons.length === 1) throw reasons[0];
  const all = reasons.map((reason) => describeError(reason)).join("; ");
  throw new ToolError("denied", `None of the signatures were accepted, reasons: ${all}`, { code: "policy-rejected" });
}

async function check(
  signature: Uint8Array,
  against: { readonly requirement: SignedByRequirement; readonly image: UntrustedImage; readonly keyring: Keyring },
): Promise<void> {
  const { requirement, image, keyring } = against;
  const { content, fingerprint, primaryFingerprint } = await keyring.verify(signature);
  if (!keyring.fingerprints.includes(primaryFingerprint))
    throw denied(`signature by key ${fingerprint} of ${primaryFingerprint} is not accepted`);
  checkClaim(parsePayload(content), { identity: requirement.identity, image });
}

/** What every kind of signature must claim: this manifest, under an accepted name. */
export function checkClaim(
  claim: { readonly digest: string; readonly reference: string },
  against: { readonly identity: SignedByRequirement["identity"]; readonly image: UntrustedImage },
): void {
  if (claim.digest !== manifestDigest(against.image.manifest)) throw denied(`Signature for digest ${claim.digest} does not match`);
  if (!identityMatches(against.identity, against.image.reference, claim.reference)) {
    throw denied(`Signature for identity "${claim.reference}" is not accepted`);
  }
}

function denied(message: string): ToolError {
  return new ToolError("denied", message, { code: "policy-rejected" });
}
