import { createHash, randomBytes } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";
import { askService, parseAnswer, type ServiceAnswer } from "../service-request.ts";

/** Where a provider of identities is asked for what. */
export interface Provider {
  readonly authorization: string;
  readonly token: string;
  /** "" where it grants none to devices. */
  readonly device: string;
}

export const SCOPE = "openid email";

/** Reads the provider's description of itself. @throws unavailable, corrupt */
export async function discoverProvider(issuer: string): Promise<Provider> {
  const answer = await askService(`${issuer}/.well-known/openid-configuration`);
  if (answer.status !== 200) throw refusal("oidc discovery", answer);
  const settings = parseAnswer(answer, issuer);
  if (typeof settings["issuer"] !== "string" || settings["issuer"].replace(/\/+$/, "") !== issuer) {
    const got = JSON.stringify(settings["issuer"]);
    throw new ToolError(
      "corrupt",
      `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(issuer)} got ${got}`,
    );
  }
  const at = (name: string): string => (typeof settings[name] === "string" ? settings[name] : "");
  return { authorization: at("authorization_endpoint"), token: at("token_endpoint"), device: at("device_authorization_endpoint") };
}

/** A secret that only whoever began can tell the end of (RFC 7636). */
export function newProof(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomToken();
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

export function randomToken(): string {
  return randomBytes(64).toString("base64url");
}

/** What a service said instead. */
export function refusal(doing: string, { status, text }: ServiceAnswer): ToolError {
  return new ToolError(status >= 500 ? "unavailable" : "denied", `${doing}: ${status}: ${text.trim()}`);
}
