import { defineFlags } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { CopyOptions } from "@containers/image/copy/copy-options";
import { DOCKER_MANIFEST, DOCKER_SCHEMA1_SIGNED, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import type { NamedReference } from "@containers/image/reference/reference";
import type { ImageReference } from "@containers/image/transports/transport";
import { policyCheck } from "@containers/image/trust/evaluate";
import { acceptAnythingPolicy, loadPolicy } from "@containers/image/trust/policy-file";
import { openSigner, sequoiaRefusal } from "@containers/image/trust/signer";
import { skopeoVersion } from "../program.ts";
import type { Globals } from "./global.ts";
import type { AccessSource } from "./image.ts";

/** Flags of every command that copies. */
export const sharedCopyFlags = defineFlags({
  "remove-signatures": { type: "bool", description: "Do not copy signatures from source" },
  "sign-by": { type: "string", description: "Sign the image using a GPG key with the specified `FINGERPRINT`" },
  "sign-by-sq-fingerprint": { type: "string", description: "Sign the image using a Sequoia-PGP key with the specified `FINGERPRINT`" },
  "sign-by-sigstore": { type: "string", description: "Sign the image using a sigstore parameter file at `PATH`" },
  "sign-by-sigstore-private-key": { type: "string", description: "Sign the image using a sigstore private key at `PATH`" },
  "sign-passphrase-file": { type: "string", description: "Read a passphrase for signing an image from `PATH`" },
  format: {
    type: "string",
    short: "f",
    description: "MANIFEST TYPE (oci, v2s1, or v2s2) to use in the destination (default is manifest type of source, with fallbacks)",
  },
  "preserve-digests": { type: "bool", description: "Preserve digests of images and lists" },
});

/** @throws unsupported */
export function refuseSequoia(command: AccessSource): void {
  if (command.given("sign-by-sq-fingerprint")) throw sequoiaRefusal("Error using");
}

/** The part of the copy's options that {@link sharedCopyFlags} say. */
export function sharedCopyOptions(flags: {
  readonly format: string | undefined;
  readonly preserveDigests: boolean;
  readonly removeSignatures: boolean;
}): CopyOptions {
  return { format: manifestFormat(flags.format), preserveDigests: flags.preserveDigests, removeSignatures: flags.removeSignatures };
}

/**
 * What the `--sign-by` flags sign with, for this destination; undefined when nothing is to be signed.
 *
 * @throws invalid-argument when the destination has no name to sign for, and nobody said one
 */
export function signer(
  flags: {
    readonly signBy: string | undefined;
    readonly signBySigstore: string | undefined;
    readonly signBySigstorePrivateKey: string | undefined;
    readonly signPassphraseFile: string | undefined;
  },
  destination: ImageReference,
  identity?: NamedReference,
): Promise<CopyOptions["sign"]> {
  const keys = {
    gpgKey: flags.signBy || undefined,
    sigstoreParameterFile: flags.signBySigstore || undefined,
    sigstoreKeyFile: flags.signBySigstorePrivateKey || undefined,
    passphraseFile: flags.signPassphraseFile || undefined,
    creator: `skopeo ${skopeoVersion}`,
  };
  return openSigner(identity ?? destination.dockerReference, keys, `${destination.transport}:${destination.withinTransport}`);
}

/** The check of `--policy`, `--insecure-policy` or the usual files. */
export function trustPolicy(globals: Globals): NonNullable<CopyOptions["policy"]> {
  try {
    return policyCheck(globals.insecurePolicy ? acceptAnythingPolicy("--insecure-policy") : loadPolicy(globals.policy));
  } catch (error) {
    throw wrapError("Error loading trust policy", error);
  }
}

function manifestFormat(format: string | undefined): string | undefined {
  switch (format) {
    case undefined:
    case "":
      return undefined;
    case "oci":
      return OCI_MANIFEST;
    case "v2s2":
      return DOCKER_MANIFEST;
    case "v2s1":
      return DOCKER_SCHEMA1_SIGNED;
    default:
      throw new ToolError("invalid-argument", `unknown format "${format}". Choose one of the supported formats: 'oci', 'v2s1', or 'v2s2'`);
  }
}
