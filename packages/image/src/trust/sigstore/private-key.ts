import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, scryptSync } from "node:crypto";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";

/**
 * Private keys as cosign and the original keep them: PKCS #8 sealed by NaCl's secretbox, under a key that scrypt makes of a
 * passphrase (the "encrypted" package of go-securesystemslib), in PEM.
 */
const LABELS = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"] as const;
const SCRYPT = { N: 65536, r: 8, p: 1 };
/** What a file may ask of scrypt: four times the memory of the usual parameters. */
const MAX_SCRYPT_BYTES = 256 << 20;
const KEY_BYTES = 32;
const NONCE_BYTES = 24;

export interface SigstoreKeyPair {
  /** PEM, encrypted. */
  readonly privateKey: string;
  /** PEM. */
  readonly publicKey: string;
}

/** A new ECDSA key on P-256, as cosign makes them. */
export function generateSigstoreKey(passphrase: string): SigstoreKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const salt = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const key = scryptSync(passphrase, salt, KEY_BYTES, { ...SCRYPT, maxmem: MAX_SCRYPT_BYTES });
  const sealed = {
    kdf: { name: "scrypt", params: SCRYPT, salt: salt.toString("base64") },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(xsalsa20poly1305(key, nonce).encrypt(privateKey.export({ format: "der", type: "pkcs8" }))).toString("base64"),
  };
  return {
    privateKey: toPem(LABELS[0], Buffer.from(JSON.stringify(sealed))),
    publicKey: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

/**
 * Opens a private key.
 *
 * @throws invalid-argument for a file that holds none; denied for a wrong passphrase
 */
export function openSigstoreKey(pem: string, passphrase: string): KeyObject {
  const sealed = parseSealed(pem);
  const { N, r, p } = sealed.params;
  let der: Uint8Array;
  try {
    const key = scryptSync(passphrase, sealed.salt, KEY_BYTES, { N, r, p, maxmem: MAX_SCRYPT_BYTES });
    der = xsalsa20poly1305(key, sealed.nonce).decrypt(sealed.ciphertext);
  } catch (error) {
    throw new ToolError("denied", "decrypting the private key: the passphrase is wrong, or the file was altered", { cause: error });
  }
  try {
    return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  } catch (error) {
    throw wrapError("parsing private key", error);
  }
}

interface Sealed {
  readonly params: { readonly N: number; readonly r: number; readonly p: number };
  readonly salt: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

function parseSealed(pem: string): Sealed {
  const label = LABELS.find((known) => pem.includes(`-----BEGIN ${known}-----`));
  if (label === undefined) {
    throw new ToolError("invalid-argument", `unsupported private key: no ${LABELS[0]} in PEM`, {
      hint: "make one with skopeo generate-sigstore-key or cosign generate-key-pair",
    });
  }
  const body = pem.slice(pem.indexOf(`-----BEGIN ${label}-----`) + label.length + 16, pem.indexOf(`-----END ${label}-----`));
  try {
    const { kdf, cipher, ciphertext } = JSON.parse(Buffer.from(body, "base64").toString("utf8")) as {
      readonly kdf: { readonly name: string; readonly params: Sealed["params"]; readonly salt: string };
      readonly cipher: { readonly name: string; readonly nonce: string };
      readonly ciphertext: string;
    };
    const { N, r, p } = kdf.params;
    const sound = kdf.name === "scrypt" && cipher.name === "nacl/secretbox" && [N, r, p].every((number) => Number.isSafeInteger(number));
    const nonce = Buffer.from(cipher.nonce, "base64");
    if (!sound || nonce.length !== NONCE_BYTES) throw new Error("it is sealed in an unknown way");
    return { params: { N, r, p }, salt: Buffer.from(kdf.salt, "base64"), nonce, ciphertext: Buffer.from(ciphertext, "base64") };
  } catch (error) {
    throw wrapError("parsing private key", error);
  }
}

function toPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
