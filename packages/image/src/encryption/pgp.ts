import { ToolError } from "@containers/common/errors/tool-error";
import { gpgDecrypt, gpgEncrypt } from "../trust/gpg-encryption.ts";
import { type KeyUnwrapper, type KeyWrapper, keysAnnotation } from "./key-wrapping.ts";

const ANNOTATION = keysAnnotation("pgp");

/** A ring of secret keys, as `gpg --export-secret-keys` writes it. */
export interface SecretKeyRing {
  readonly bytes: Uint8Array;
  readonly passphrase: string | undefined;
}

/** True for an OpenPGP ring that begins with a secret key (RFC 4880, 4.2), binary or in armour. */
export function isSecretKeyRing(bytes: Uint8Array): boolean {
  if (Buffer.from(bytes).includes("-----BEGIN PGP PRIVATE KEY BLOCK-----")) return true;
  const [header = 0] = bytes;
  const secretKey = 5;
  return (header & 0xc0) === 0xc0 ? (header & 0x3f) === secretKey : (header & 0xc0) === 0x80 && ((header >> 2) & 0x0f) === secretKey;
}

/** Wraps in an OpenPGP message for keys of the user's keyring, by name, mail address or fingerprint. */
export function pgpWrapper(recipients: readonly string[]): KeyWrapper {
  return { annotation: ANNOTATION, wrap: (secret) => gpgEncrypt(secret, recipients) };
}

/** Opens with keys out of files; the user's own keyring is not asked. */
export function pgpUnwrapper(rings: readonly SecretKeyRing[]): KeyUnwrapper {
  return {
    annotation: ANNOTATION,
    hasKeys: true,
    async unwrap(wrapped) {
      for (const { bytes, passphrase } of rings) {
        const opened = await gpgDecrypt(wrapped, bytes, passphrase);
        if (opened !== undefined) return opened;
      }
      throw new ToolError("denied", "PGP: No suitable key found to unwrap key");
    },
  };
}
