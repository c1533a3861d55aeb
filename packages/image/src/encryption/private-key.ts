import { createPrivateKey, type KeyObject, type webcrypto } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";

export type PrivateKey = KeyObject;

/**
 * A private key in PEM (encrypted perhaps), DER or as JWK; undefined when the bytes are none.
 *
 * @throws denied when the passphrase is missing or wrong
 */
export function parsePrivateKey(bytes: Uint8Array, passphrase: string | undefined): PrivateKey | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  if (text.includes("-----BEGIN")) return fromPem(text, passphrase);
  const attempts: ReadonlyArray<() => KeyObject> = text.trimStart().startsWith("{")
    ? [() => createPrivateKey({ key: JSON.parse(text) as webcrypto.JsonWebKey, format: "jwk" })]
    : (["pkcs8", "pkcs1", "sec1"] as const).map((type) => () => createPrivateKey({ key: Buffer.from(bytes), format: "der", type }));
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // Another encoding, or no key at all.
    }
  }
  return undefined;
}

function fromPem(text: string, passphrase: string | undefined): PrivateKey | undefined {
  if (!text.includes("PRIVATE KEY-----")) return undefined;
  const locked = text.includes("ENCRYPTED");
  if (locked && passphrase === undefined) throw new ToolError("denied", "Missing password for encrypted private key");
  try {
    return createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
  } catch (error) {
    if (locked) throw new ToolError("denied", "Wrong password: could not decrypt private key", { cause: error });
    return undefined;
  }
}
