import { ToolError } from "@containers/common/errors/tool-error";
import type { HttpResponse } from "@containers/common/http/fetch";
import { type Challenge, parseChallenges } from "../challenge.ts";
import { isRepeatable, type RegistryRequest, type Send } from "../exchange.ts";
import { registryError } from "../registry-error.ts";

/** How we prove who we are; undefined: anonymously. */
export type RegistryCredentials = { readonly username: string; readonly password: string } | { readonly identityToken: string };

export interface AuthOptions {
  /** Host and port that credentials are for; requests elsewhere get none. */
  readonly host: string;
  /** What the server asked for when it was first met. */
  readonly challenges: readonly Challenge[];
  readonly credentials?: RegistryCredentials;
  /** A token that the user brought; replaces the exchange. */
  readonly bearerToken?: string;
  /** `repository:path:pull,push`; undefined asks for a token without a scope (a log-in). */
  readonly scope?: string;
  readonly now?: () => number;
}

interface Token {
  readonly text: string;
  readonly expiresAt: number;
}

const MINIMUM_LIFETIME_SECONDS = 60;
const MAX_TOKEN_BODY = 1 << 20;

/**
 * Adds the Authorization that the registry's challenge asks for: Basic, or a Bearer token that is fetched from the realm,
 * kept for its life time and fetched anew when the server finds it too narrow or too old.
 * https://distribution.github.io/distribution/spec/auth/token/
 *
 * `sendToRealm` must not itself authenticate.
 */
export function withTokenAuth(send: Send, sendToRealm: Send, options: AuthOptions): Send {
  const tokens = new Map<string, Promise<Token>>();
  const now = options.now ?? Date.now;
  const tokenFor = async (challenge: Challenge, scopes: readonly string[], signal?: AbortSignal): Promise<string> => {
    if (options.bearerToken !== undefined) return options.bearerToken;
    const key = scopes.join(" ");
    // Blobs are fetched side by side: the first one asks, the others wait for the same answer.
    const underWay = tokens.get(key);
    const held = underWay === undefined ? undefined : await underWay;
    if (held !== undefined && held.expiresAt > now()) return held.text;
    const renewed = tokens.get(key);
    if (renewed !== undefined && renewed !== underWay) return (await renewed).text;
    const fetching = fetchToken(sendToRealm, challenge, { scopes, credentials: options.credentials, signal, now });
    tokens.set(key, fetching);
    fetching.catch(() => tokens.delete(key));
    return (await fetching).text;
  };
  const authorization = async (
    request: RegistryRequest,
    challenges: readonly Challenge[],
    extra: readonly string[],
  ): Promise<string | undefined> => {
    for (const challenge of challenges) {
      if (challenge.scheme === "basic") return basic(options.credentials);
      if (challenge.scheme !== "bearer") continue;
      const scopes = [...(options.scope === undefined ? [] : [options.scope]), ...extra];
      return `Bearer ${await tokenFor(challenge, [...new Set(scopes)], request.signal)}`;
    }
    return undefined;
  };
  return async (request) => {
    if (request.authenticate === false || new URL(request.url).host !== options.host) return await send(request);
    const extra = request.extraScopes ?? [];
    const first = await send(withAuthorization(request, await authorization(request, options.challenges, extra)));
    if (first.status !== 401 || !isRepeatable(request)) return first;
    const again = parseChallenges(first.headers.get("www-authenticate"));
    const widened = again.flatMap((challenge) => (challenge.parameters["scope"] === undefined ? [] : [challenge.parameters["scope"]]));
    if (!again.some((challenge) => challenge.scheme === "bearer") || options.bearerToken !== undefined) return first;
    tokens.clear();
    await first.discard();
    return await send(withAuthorization(request, await authorization(request, again, [...extra, ...widened])));
  };
}

function withAuthorization(request: RegistryRequest, value: string | undefined): RegistryRequest {
  return value === undefined ? request : { ...request, headers: { ...request.headers, authorization: value } };
}

function basic(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials === undefined || !("username" in credentials)) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
}

interface TokenRequest {
  readonly scopes: readonly string[];
  readonly credentials: RegistryCredentials | undefined;
  readonly signal?: AbortSignal;
  readonly now: () => number;
}

async function fetchToken(send: Send, challenge: Challenge, request: TokenRequest): Promise<Token> {
  const realm = challenge.parameters["realm"];
  if (realm === undefined || !/^https?:\/\//.test(realm)) throw new ToolError("unavailable", "missing realm in bearer auth challenge");
  const { credentials } = request;
  const response =
    credentials !== undefined && "identityToken" in credentials
      ? await send(exchangeIdentityToken(realm, challenge, { ...request, identityToken: credentials.identityToken }))
      : await send(askForToken(realm, challenge, request));
  if (response.status !== 200) throw await tokenError(response);
  return await readToken(response, request.now);
}

function askForToken(realm: string, challenge: Challenge, request: TokenRequest): RegistryRequest {
  const url = new URL(realm);
  const { credentials } = request;
  const user = credentials !== undefined && "username" in credentials && credentials.username !== "" ? credentials : undefined;
  if (user !== undefined) url.searchParams.append("account", user.username);
  const service = challenge.parameters["service"];
  if (service !== undefined && service !== "") url.searchParams.append("service", service);
  for (const scope of request.scopes) url.searchParams.append("scope", scope);
  const authorization = basic(user);
  return { method: "GET", url: url.href, signal: request.signal, headers: authorization === undefined ? {} : { authorization } };
}

function exchangeIdentityToken(
  realm: string,
  challenge: Challenge,
  request: TokenRequest & { readonly identityToken: string },
): RegistryRequest {
  const form = new URLSearchParams();
  const service = challenge.parameters["service"];
  if (service !== undefined && service !== "") form.append("service", service);
  for (const scope of request.scopes) form.append("scope", scope);
  form.append("grant_type", "refresh_token");
  form.append("refresh_token", request.identityToken);
  form.append("client_id", "containers/image");
  return {
    method: "POST",
    url: realm,
    body: form.toString(),
    signal: request.signal,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
}

async function tokenError(response: HttpResponse): Promise<ToolError> {
  if (response.status === 401) {
    await response.discard();
    return new ToolError("denied", "unable to retrieve auth token: invalid username/password: unauthorized", {
      code: "unauthorized",
      hint: "log in to the registry again",
    });
  }
  return new ToolError("unavailable", "requesting bearer token", { cause: await registryError(response) });
}

async function readToken(response: HttpResponse, now: () => number): Promise<Token> {
  let value: unknown;
  try {
    value = JSON.parse(await response.text(MAX_TOKEN_BODY));
  } catch (error) {
    throw new ToolError("unavailable", "decoding bearer token: the answer is not JSON", {
      cause: error instanceof ToolError ? error : undefined,
    });
  }
  const fields = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const text = [fields["token"], fields["access_token"]].find((token): token is string => typeof token === "string" && token !== "");
  if (text === undefined) throw new ToolError("unavailable", "decoding bearer token: the answer holds none");
  const lifetime =
    typeof fields["expires_in"] === "number" ? Math.max(fields["expires_in"], MINIMUM_LIFETIME_SECONDS) : MINIMUM_LIFETIME_SECONDS;
  return { text, expiresAt: now() + lifetime * 1000 };
}
