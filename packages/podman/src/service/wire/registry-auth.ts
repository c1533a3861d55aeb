import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { HttpError } from "../errors-to-http.ts";
import type { ApiRequest } from "../route.ts";
import { decode, dictionary, type Fields, struct, text } from "./go-object.ts";

const account = struct("AuthConfig", {
  username: text,
  password: text,
  auth: text,
  email: text,
  serveraddress: text,
  identitytoken: text,
  registrytoken: text,
});

type Account = ReturnType<typeof account>;

/** How registries are reached for one request, and what is to be done when it is over. */
export interface RequestAccess {
  readonly access: Partial<RegistryAccess>;
  close(): void;
}

/**
 * What the headers `X-Registry-Config` (accounts by registry) or `X-Registry-Auth` (one account, or the same map) say. Several accounts
 * are put into a file of this request's own, for its owner alone.
 *
 * @throws HttpError 400 for a header that cannot be read
 */
export function requestAccess(request: Pick<ApiRequest, "header" | "url">): RequestAccess {
  const nothing: RequestAccess = { access: {}, close: () => undefined };
  for (const name of ["X-Registry-Config", "X-Registry-Auth"]) {
    const value = request.header(name) ?? "";
    if (value === "") continue;
    const found = readHeader(request, name, value);
    if ("username" in found) return single(found.username);
    return Object.keys(found.accounts).length === 0 ? nothing : several(found.accounts);
  }
  return nothing;
}

type Found = { readonly username: Account } | { readonly accounts: Readonly<Record<string, Account>> };

function readHeader(request: Pick<ApiRequest, "url">, name: string, value: string): Found {
  try {
    // `null` and the empty text are what clients without an account send.
    const json = Buffer.from(value, "base64").toString("utf8").trim();
    if (json === "" || json === "null" || json === "{}") return { accounts: {} };
    const keys: unknown = JSON.parse(json);
    const isOne = typeof keys === "object" && keys !== null && Object.values(keys).some((one) => typeof one === "string");
    return isOne ? { username: decode(account, json) } : { accounts: decode(dictionary(account), json) };
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new HttpError(400, `failed to parse ${JSON.stringify(name)} header for ${request.url}: ${because}`, { because });
  }
}

function single(found: Account): RequestAccess {
  const { username = "", password = "" } = credentialsOf(found);
  return { access: username === "" ? {} : { credentials: { username, password } }, close: () => undefined };
}

function several(accounts: Readonly<Record<string, Account>>): RequestAccess {
  const directory = mkdtempSync(join(tmpdir(), "podman-auth-"));
  const authFile = join(directory, "auth.json");
  const auths = Object.fromEntries(Object.entries(accounts).map(([registry, one]) => [normalizeKey(registry), entryOf(one)]));
  writeFileSync(authFile, JSON.stringify({ auths }), { mode: 0o600 });
  return { access: { authFile }, close: () => rmSync(directory, { recursive: true, force: true }) };
}

function entryOf(one: Account): object {
  const { username = "", password = "" } = credentialsOf(one);
  const { identitytoken } = one;
  return {
    auth: Buffer.from(`${username}:${password}`).toString("base64"),
    ...(identitytoken === undefined || identitytoken === "" ? {} : { identitytoken }),
  };
}

function credentialsOf(one: Fields<{ username: typeof text; password: typeof text; auth: typeof text }>) {
  const { username, password, auth = "" } = one;
  if (username !== undefined && username !== "") return { username, password };
  const plain = Buffer.from(auth, "base64").toString("utf8");
  const colon = plain.indexOf(":");
  return colon === -1 ? {} : { username: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

/** `https://index.docker.io/v1/` and the like: files name hosts and repositories. */
function normalizeKey(registry: string): string {
  const bare = registry.replace(/^https?:\/\//, "").replace(/\/$/, "");
  return bare === "index.docker.io/v1" ? "docker.io" : bare.replace(/\/v[12]$/, "");
}
