import type { LocalImages } from "@containers/image/local-images/local-images";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { HttpError } from "./errors-to-http.ts";
import type { ApiRequest } from "./route.ts";

/**
 * The credentials that a client sends along: `X-Registry-Auth` for one registry. They are used for this request alone and written nowhere.
 * @throws HttpError 400 for a header that cannot be read
 */
export function registryAccessOf(request: Pick<ApiRequest, "header" | "url">): Pick<RegistryAccess, "credentials" | "bearerToken"> {
  const header = request.header("x-registry-auth");
  if (header === undefined || header === "" || header === "null") return {};
  const parsed = parse(header);
  if (parsed === undefined) {
    const because = "illegal base64 data or JSON in X-Registry-Auth";
    throw new HttpError(400, `failed to parse "X-Registry-Auth" header for ${request.url}: ${because}`, { because });
  }
  const { username, password, identitytoken } = parsed;
  if (typeof identitytoken === "string" && identitytoken !== "") return { bearerToken: identitytoken };
  if (typeof username !== "string" || username === "") return {};
  return { credentials: { username, password: typeof password === "string" ? password : "" } };
}

function parse(header: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(header.replaceAll("-", "+").replaceAll("_", "/"), "base64").toString("utf8"));
    if (value === null) return {};
    return typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The image port for one request: its credentials, its end when the client goes. */
export function imagesFor(request: ApiRequest, options: { readonly tlsVerify?: boolean | undefined } = {}): LocalImages {
  const { engine, signal } = request;
  const access = { ...registryAccessOf(request), ...(options.tlsVerify === undefined ? {} : { tlsVerify: options.tlsVerify }) };
  return {
    get store() {
      return engine.store;
    },
    registry: { ...engine.images.registry, ...access },
    signal,
    ...(engine.images.policyPath === undefined ? {} : { policyPath: engine.images.policyPath }),
    ...(engine.images.temporaryDirectory === undefined ? {} : { temporaryDirectory: engine.images.temporaryDirectory }),
  };
}
