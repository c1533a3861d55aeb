import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "@containers/image/manifest/manifest-digest";
import { parseNormalizedName } from "@containers/image/reference/reference";
import { type Keyring, userKeyring, withKeyring } from "@containers/image/trust/gpg";
import { parsePayload } from "@containers/image/trust/simple-signing/payload";
import { readInput } from "./standalone-sign.ts";

interface Claim {
  readonly manifest: Uint8Array;
  readonly reference: string;
  /** Fingerprints, or `any` of the ring's. */
  readonly fingerprints: readonly string[];
  readonly signature: Uint8Array;
}

/** `skopeo standalone-verify`. */
export const standaloneVerifyCommand = defineCommand({
  name: "standalone-verify",
  summary: "Verify a signature using local files",
  description:
    'Verify a signature using local files\n\nKEY-FINGERPRINTS can be a comma separated list of fingerprints, or "any" if you trust all the keys in the public key file.',
  usage: "MANIFEST DOCKER-REFERENCE KEY-FINGERPRINTS SIGNATURE",
  examples: ["skopeo standalone-verify manifest.json example.com/app:1 any app.signature --public-key-file keys.gpg"],
  flags: {
    "public-key-file": { type: "string", description: "File containing public keys. If not specified, will use local GPG keys." },
  },
  args: { min: 0 },
  needsUserNamespace: false,
  run: async ({ flags, args, out }) => {
    const [manifestPath, reference, fingerprints, signaturePath, more] = args;
    if (
      manifestPath === undefined ||
      reference === undefined ||
      fingerprints === undefined ||
      signaturePath === undefined ||
      more !== undefined
    ) {
      throw new ToolError("invalid-argument", "Usage: skopeo standalone-verify manifest docker-reference key-fingerprint signature");
    }
    const keyFile = flags.publicKeyFile ?? "";
    if (keyFile === "" && fingerprints === "any")
      throw new ToolError("invalid-argument", "Cannot use any fingerprint without a public key file");
    const claim: Claim = {
      manifest: readInput(manifestPath, `Error reading manifest from ${manifestPath}`),
      reference,
      fingerprints: fingerprints.split(","),
      signature: readInput(signaturePath, `Error reading signature from ${signaturePath}`),
    };
    const digest = manifestDigest(claim.manifest);
    const check = (keyring: Keyring): Promise<string> => verify(claim, digest, keyring);
    try {
      const fingerprint =
        keyFile === ""
          ? await check(userKeyring())
          : await withKeyring([readInput(keyFile, `Error reading public keys from ${keyFile}`)], check);
      out.stdout(`Signature verified using fingerprint ${fingerprint}, digest ${digest}\n`);
    } catch (error) {
      throw wrapError("Error verifying signature", error);
    }
    return undefined;
  },
});

/** @returns the accepted fingerprint */
async function verify(claim: Claim, digest: string, keyring: Keyring): Promise<string> {
  const { content, fingerprint, primaryFingerprint } = await keyring.verify(claim.signature);
  const accepted = claim.fingerprints.includes("any") && claim.fingerprints.length === 1 ? keyring.fingerprints : claim.fingerprints;
  const found = [fingerprint, primaryFingerprint].find((candidate) => accepted.includes(candidate));
  if (found === undefined) throw new ToolError("denied", `signature by key ${fingerprint} of ${primaryFingerprint} is not accepted`);
  const signed = parsePayload(content);
  if (signed.digest !== digest) throw new ToolError("denied", `Signature for docker digest "${signed.digest}" does not match`);
  if (parseNormalizedName(signed.reference).toString() !== parseNormalizedName(claim.reference).toString()) {
    throw new ToolError("denied", `Docker reference "${signed.reference}" does not match "${claim.reference}"`);
  }
  return found;
}
