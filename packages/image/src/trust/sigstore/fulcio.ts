import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { IdentityToken } from "./oidc/identity-token.ts";
import { askService } from "./service-request.ts";

/** A key for one use, and who held it, as Fulcio says. */
export interface CertifiedKey {
  readonly key: KeyObject;
  /** PEM. */
  readonly certificate: string;
  /** PEM of the certificates above it, "" for none. */
  readonly chain: string;
}

/**
 * Makes a key and has it certified for the identity.
 *
 * @throws denied, unavailable or corrupt: what Fulcio answered
 */
export async function certifyKey(fulcioUrl: string, identity: IdentityToken): Promise<CertifiedKey> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const request = {
    publicKey: { content: publicKey.export({ type: "spki", format: "der" }).toString("base64"), algorithm: "ecdsa" },
    // Proves that whoever holds the token holds the key too.
    signedEmailAddress: sign("sha256", Buffer.from(identity.subject), privateKey).toString("base64"),
  };
  try {
    const answer = await askService(`${fulcioUrl}/api/v1/signingCert`, {
      json: request,
      headers: { authorization: `Bearer ${identity.raw}`, accept: "application/pem-certificate-chain" },
    });
    if (answer.status !== 201) {
      const kind = answer.status === 401 || answer.status === 403 || answer.status === 400 ? "denied" : "unavailable";
      throw new ToolError(kind, `the server answered ${answer.status}: ${answer.text.trim()}`);
    }
    return { key: privateKey, ...splitChain(answer.text) };
  } catch (error) {
    throw wrapError("obtaining certificate from Fulcio", error);
  }
}

function splitChain(text: string): { readonly certificate: string; readonly chain: string } {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const [certificate, ...above] = found.map((block) => `${block}\n`);
  if (certificate === undefined) throw new ToolError("corrupt", "the answer holds no certificate");
  return { certificate, chain: above.join("") };
}
