import { createPublicKey, type KeyObject, type webcrypto } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";
import { type KeyUnwrapper, type KeyWrapper, keysAnnotation } from "./key-wrapping.ts";
import type { PrivateKey } from "./private-key.ts";

const ANNOTATION = keysAnnotation("jwe");
const CONTENT_CIPHER = "A256GCM";
const KEY_ALGORITHMS = ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"];

/** A public key with the algorithm that a key is wrapped with for it. */
export interface JweRecipient {
  readonly key: KeyObject;
  readonly algorithm: string;
}

/** A public key in PEM, DER or as JWK; undefined when it is none. @throws unsupported for a JWK's algorithm that cannot wrap */
export function parseRecipient(bytes: Uint8Array): JweRecipient | undefined {
  const found = readPublicKey(bytes);
  if (found === undefined) return undefined;
  const { key, algorithm } = found;
  if (algorithm !== undefined && !KEY_ALGORITHMS.includes(algorithm))
    throw new ToolError("unsupported", `${algorithm} is an unsupported JWE key algorithm`);
  return { key, algorithm: algorithm ?? (key.asymmetricKeyType === "ec" ? "ECDH-ES+A256KW" : "RSA-OAEP") };
}

function readPublicKey(bytes: Uint8Array): { readonly key: KeyObject; readonly algorithm?: string } | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  try {
    // From a private key the runtime would make a public one: only what is public is meant here.
    if (text.includes("-----BEGIN")) return text.includes("-----BEGIN PUBLIC KEY-----") ? { key: createPublicKey(text) } : undefined;
    if (text.trimStart().startsWith("{")) {
      const jwk = JSON.parse(text) as { readonly d?: unknown; readonly alg?: unknown } & webcrypto.JsonWebKey;
      if (jwk.d !== undefined) return undefined;
      return { key: createPublicKey({ key: jwk, format: "jwk" }), ...(typeof jwk.alg === "string" ? { algorithm: jwk.alg } : {}) };
    }
    return { key: createPublicKey({ key: Buffer.from(bytes), format: "der", type: "spki" }) };
  } catch {
    return undefined;
  }
}

/** Wraps in one JSON Web Encryption for all recipients (RFC 7516, the JSON serializations). */
export function jweWrapper(recipients: readonly JweRecipient[]): KeyWrapper {
  return {
    annotation: ANNOTATION,
    async wrap(secret) {
      const { FlattenedEncrypt, GeneralEncrypt } = await import("jose");
      const [only, ...others] = recipients;
      if (only !== undefined && others.length === 0) {
        const one = new FlattenedEncrypt(secret).setProtectedHeader({ alg: only.algorithm, enc: CONTENT_CIPHER });
        return Buffer.from(JSON.stringify(await one.encrypt(only.key)));
      }
      const several = new GeneralEncrypt(secret).setProtectedHeader({ enc: CONTENT_CIPHER });
      for (const { key, algorithm } of recipients) several.addRecipient(key).setUnprotectedHeader({ alg: algorithm });
      return Buffer.from(JSON.stringify(await several.encrypt()));
    },
  };
}

/** Opens with whichever of the private keys fits. */
export function jweUnwrapper(keys: readonly PrivateKey[]): KeyUnwrapper {
  return {
    annotation: ANNOTATION,
    hasKeys: true,
    async unwrap(wrapped) {
      const { flattenedDecrypt, generalDecrypt } = await import("jose");
      const jwe = parseJwe(wrapped);
      const options = { keyManagementAlgorithms: KEY_ALGORITHMS };
      for (const key of keys) {
        try {
          const opened = "recipients" in jwe ? await generalDecrypt(jwe, key, options) : await flattenedDecrypt(jwe, key, options);
          return opened.plaintext;
        } catch {
          // The next key may be the one.
        }
      }
      throw new ToolError("denied", "JWE: No suitable private key found for decryption");
    },
  };
}

type Jwe = import("jose").GeneralJWE | import("jose").FlattenedJWE;

function parseJwe(bytes: Uint8Array): Jwe {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as Jwe;
  } catch (error) {
    throw new ToolError("corrupt", "jose.ParseEncrypted failed", { cause: error });
  }
}
