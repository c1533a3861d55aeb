import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { OidcChoice } from "../parameters.ts";

/** A token that says who somebody is. */
export interface IdentityToken {
  /** As the provider wrote it: a JWT. */
  readonly raw: string;
  /** The mail address, or the provider's own name for who has none. */
  readonly subject: string;
}

/** What a token must say besides. */
export interface ExpectedClaims {
  readonly issuer: string;
  readonly clientId: string;
  readonly nonce?: string;
}

/** The token that was given, or one that the person at the terminal gets from the provider. */
export async function obtainIdentityToken(choice: OidcChoice): Promise<IdentityToken> {
  if (choice.mode === "staticToken") {
    try {
      return { raw: choice.token, subject: subjectOf(claimsOf(choice.token)) };
    } catch (error) {
      throw wrapError("parsing OIDC token", error);
    }
  }
  try {
    if (choice.mode === "deviceGrant") return await (await import("./device-grant.ts")).tokenByDeviceGrant(choice);
    return await (await import("./interactive.ts")).tokenByBrowser(choice);
  } catch (error) {
    throw wrapError("Error authenticating with OIDC", error);
  }
}

/**
 * A token as it came from the provider's own endpoint. Its signature is not checked here: the connection says whose it is, and Fulcio, for whom it is,
 * checks it.
 *
 * @throws denied when it is for somebody else, too old, or the answer to another question
 */
export function checkIdentityToken(raw: string, expected: ExpectedClaims): IdentityToken {
  const claims = claimsOf(raw);
  const { iss, aud, exp, nonce } = claims;
  if (iss !== expected.issuer)
    throw denied(`id token issued by a different provider, expected ${JSON.stringify(expected.issuer)} got ${JSON.stringify(iss)}`);
  if (!(Array.isArray(aud) ? aud : [aud]).includes(expected.clientId))
    throw denied(`expected audience ${JSON.stringify(expected.clientId)} got ${JSON.stringify(aud)}`);
  if (typeof exp !== "number" || exp * 1000 < Date.now()) throw denied("token is expired");
  if (expected.nonce !== undefined && nonce !== expected.nonce) throw denied("nonce does not match value sent");
  return { raw, subject: subjectOf(claims) };
}

type Claims = Readonly<Record<string, unknown>>;

function claimsOf(raw: string): Claims {
  const parts = raw.trim().split(".");
  if (parts.length !== 3) throw new ToolError("invalid-argument", "the token is not in the compact form of JWS, which has three parts");
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString("utf8"));
    if (typeof claims === "object" && claims !== null) return claims as Claims;
  } catch (error) {
    throw new ToolError("invalid-argument", "the token's claims are not JSON", { cause: error });
  }
  throw new ToolError("invalid-argument", "the token has no claims");
}

function subjectOf(claims: Claims): string {
  const { email, sub } = claims;
  if (typeof email === "string" && email !== "") {
    if (String(claims["email_verified"]).toLowerCase() !== "true") throw denied("not verified by identity provider");
    return email;
  }
  if (typeof sub !== "string" || sub === "") throw denied("no subject found in claims");
  return sub;
}

function denied(message: string): ToolError {
  return new ToolError("denied", message);
}
